"""Which classes and transfer syntaxes the node accepts."""

from pydicom.uid import DeflatedExplicitVRLittleEndian
from pynetdicom import ALL_TRANSFER_SYNTAXES, AllStoragePresentationContexts
from pynetdicom.presentation import PresentationContext, build_context
from pynetdicom.sop_class import StorageCommitmentPushModel, Verification  # type: ignore[attr-defined]

from bundle.node.header import MULTI_FRAME, SCORED

SYNTAXES = (
    *("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"),
    *(f"1.2.840.10008.1.2.4.{number}" for number in (50, 57, 70, 80, 81, 90, 91)),
    "1.2.840.10008.1.2.5",
)
"""In which images are taken: uncompressed, JPEG, JPEG-LS, JPEG 2000 and RLE.

A deflated object unpacks to any size, and no decoder here reads JPEG Extended of 12 bits, as CT has; where it is not
accepted, a sender chooses another."""


def supported_contexts() -> list[PresentationContext]:
    """Return what the node accepts: images that it scores, and all other objects, which it acknowledges and drops.

    A sender whose report or key object is refused would send the whole study again, for ever.
    """
    kept = SCORED | MULTI_FRAME
    others = [each for each in ALL_TRANSFER_SYNTAXES if each != DeflatedExplicitVRLittleEndian]
    contexts = [build_context(Verification, others[:3])]
    for context in AllStoragePresentationContexts:
        syntaxes = list(SYNTAXES) if context.abstract_syntax in kept else others
        contexts.append(build_context(str(context.abstract_syntax), syntaxes))
    # The PACS reports as the provider of a service that the node uses, so that both roles are negotiated.
    commitment = build_context(StorageCommitmentPushModel, others[:3])
    commitment.scu_role = commitment.scp_role = True
    return [*contexts, commitment]
