"""The codes of the results: DICOM (DCM), SNOMED CT (SCT), LOINC (LN), UCUM, and one of the bundle's own (99BHB).

Those of DCM, SCT and LN stand in DICOM PS3.16 but for three SNOMED codes of hemorrhages: 21454007, 35486000, 274100004.
No code was verified for an intraventricular and an epidural hemorrhage: the first is an intracranial hemorrhage whose
site is the ventricles, the second has a private code.
"""

from collections.abc import Mapping
from typing import NamedTuple

from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from bundle.heads import Action
from bundle.labels import ANY

PRIVATE_SCHEME = "99BHB"


class Concept(NamedTuple):
    """What is found, and where."""

    finding: Code
    site: Code


HEMORRHAGE = Code("1386000", "SCT", "Intracranial hemorrhage")
INTRACRANIAL = Code("1101003", "SCT", "Intracranial")

CONCEPTS: Mapping[str, Concept] = {
    ANY: Concept(HEMORRHAGE, INTRACRANIAL),
    "epidural": Concept(Code("EDH", PRIVATE_SCHEME, "Epidural hemorrhage"), INTRACRANIAL),
    "intraparenchymal": Concept(Code("274100004", "SCT", "Cerebral hemorrhage"), codes.SCT.Brain),
    "intraventricular": Concept(HEMORRHAGE, codes.SCT.BrainVentricle),
    "subarachnoid": Concept(Code("21454007", "SCT", "Subarachnoid hemorrhage"), codes.SCT.SubarachnoidSpace),
    "subdural": Concept(Code("35486000", "SCT", "Subdural hemorrhage"), INTRACRANIAL),
}
"""Of each label."""
PRESENCE: Mapping[Action, Code] = {
    Action.READ_FIRST: codes.SCT.Present,
    Action.READ_SOON: codes.SCT.Undetermined,
    Action.ROUTINE: codes.SCT.Absent,
}
"""Whether there is a hemorrhage, of CID 240: what cannot be trusted is undetermined, never absent."""
# pydicom 2.4, which MONAI Label needs, has no names for these.
_GRADIENT_WEIGHTED = Code("130403", "DCM", "Gradient-weighted class activation")
MAPS: Mapping[str, Code] = {
    "gradcam": _GRADIENT_WEIGHTED,
    "gradcam++": _GRADIENT_WEIGHTED,
    "occlusion": Code("130404", "DCM", "Saliency"),
    "evidence": Code("130402", "DCM", "Class activation"),
}
"""How a heat map was made, of CID 217, for each explanation of `bundle.explain.heat_maps`."""

ABNORMAL = Code("49755003", "SCT", "Morphologically Abnormal Structure")
CT = codes.LN.CTUnspecifiedBodyRegion
"""Of CID 100, the context group of TID 1500. "Head CT" (24725-4, LN) is of CID 646, preclinical imaging of small
animals, and PixelMed's validator calls it an error there; that it is the head, finding sites say."""
PERCENT = Code("%", "UCUM", "Percent")
ENGLISH = Code("en-US", "RFC5646", "English (United States)")

REPORT = codes.DCM.ImagingMeasurementReport
LANGUAGE = codes.DCM.LanguageOfContentItemAndDescendants
OBSERVER_TYPE = codes.DCM.ObserverType
DEVICE = codes.DCM.Device
DEVICE_UID = codes.DCM.DeviceObserverUID
PERSON_NAME = codes.DCM.PersonObserverName
PROCEDURE = codes.DCM.ProcedureReported
MEASUREMENTS = codes.DCM.ImagingMeasurements
GROUP = codes.DCM.MeasurementGroup
TRACKING = codes.DCM.TrackingIdentifier
TRACKING_UID = codes.DCM.TrackingUniqueIdentifier
FINDING = codes.DCM.Finding
CATEGORY = Code("276214006", "SCT", "Finding category")
SITE = Code("363698007", "SCT", "Finding Site")
ALGORITHM = codes.DCM.AlgorithmName
VERSION = codes.DCM.AlgorithmVersion
PARAMETERS = codes.DCM.AlgorithmParameters
FAMILY = codes.DCM.AlgorithmFamily
INTELLIGENCE = codes.DCM.ArtificialIntelligence
PROBABILITY = codes.DCM.Probability
PRESENCE_OF = codes.DCM.PresenceOfProperty
SOURCE = codes.DCM.SourceOfMeasurement
COMMENT = codes.DCM.Comment
KEY_OBJECTS = codes.DCM.OfInterest
PROCESSED = codes.DCM.SourceImageForImageProcessingOperation
DETECTION = codes.DCM.ComputerAidedDetection
