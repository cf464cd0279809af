import pytest

from bundle.gate.kinds import Kind
from bundle.gate.names import body_part, bone_kernel, capture, computed, contrast, reformat, scout, words


@pytest.mark.parametrize(
    "name",
    ["CT PLAIN THIN", "CT 0.625mm", "CT 5mm", "CT PRE CONTRAST 5MM STD", "CT 55mm Plain-2", "CT I To S", "CT Thin Stnd",
     "CT 2.55mm", "CT HELICAL", "CT BRAIN PLAIN", "CT SOFT THIN", "CT Thin Details", "CT Non-Contrast"],
)  # fmt: skip
def test_names_of_plain_series(name):
    assert contrast(name) is None and bone_kernel(name) is None


@pytest.mark.parametrize(
    "name",
    ["CT POST CONTRAST-3", "CT C", "CT C THIN", "CT ORAL IV", "CT CECT THIN", "CT Thin Contrast", "CT BONE", "CT HRCT",
     "CT Axial 0.625 HiResVS40", "CT 0.625 MM HI RES", "CT 4cc sec 150cc D3D on-2", "CT 5mm POST CONTRAST"],
)  # fmt: skip
def test_names_of_series_after_contrast_or_for_bone(name):
    assert contrast(name) or bone_kernel(name)


@pytest.mark.parametrize(
    "kernel",
    ["BONE", "BONEPLUS", "EDGE", "LUNG", "H60s", "B70f", "Hr68h\\3", "['Hr68h', '3']", "SHARP", "DETAIL", "D", "E ",
     "YE", "Bl57d"],
)  # fmt: skip
def test_kernels_for_bone(kernel):
    assert "kernel" in bone_kernel("CT Plain", kernel).reason


@pytest.mark.parametrize("kernel", ["STANDARD", "SOFT", "H31s", "['J40s', '3']", "UB", "FC68", "B", "Br40d", ""])
def test_kernels_for_brain(kernel):
    assert bone_kernel("CT Plain", kernel) is None


@pytest.mark.parametrize(
    "name",
    ["HEAD W/O", "BRAIN WITHOUT CONTRAST", "CCT nativ", "Head C-", "CT POST FOSSA", "Post-op head", "NO IV CONTRAST",
     "CT ohne KM", "Noncontrast head", "pre CE", "non-CE 5mm", "HEAD_C-", "HEAD AND C-SPINE", "HEAD C SPINE",
     "HEAD_C_SPINE 5mm", "Schädel o. KM", "CCT o.KM", "HEAD IV-", "SANS IV", "CRANE SANS INJECTION", "sin civ"],
)  # fmt: skip
def test_names_without_contrast(name):
    assert contrast(name) is None


@pytest.mark.parametrize(
    "name",
    ["HEAD C+", "CCT mit KM", "CTA COW", "Head +C delayed, post", "venous phase", "CTV head", "CT Venography",
     "Head CE", "Gd 5mm", "delayed 10 min", "portal phase", "HEAD_C+", "HEAD AND C-SPINE WITH CONTRAST",
     "CRANE AVEC INJECTION", "TETE INJECTE", "TÊTE INJECTÉE", "HEAD W/ IVC", "cerebro con civ", "HEAD IV+",
     "CT IV-5mm"],
)  # fmt: skip
def test_names_with_contrast(name):
    assert contrast(name).kind is Kind.CONTRAST


def test_a_plain_name_is_believed_more_than_the_agent():
    assert contrast("Head plain", "OMNIPAQUE") is None
    assert contrast("Head", "OMNIPAQUE") == (Kind.CONTRAST, "its header names a contrast agent (OMNIPAQUE)")
    assert contrast("Head", "NONE") is None


@pytest.mark.parametrize(
    "name",
    ["CT HEAD W/WO CONTRAST", "Head W/O + W", "5mm POST CONTRAST (W/WO study)", "HEAD W & WO", "CTA Head W-WO",
     "Head WITH AND WITHOUT CONTRAST", "BRAIN WO/W", "head W and W/O", "plain and enhanced",
     "CT HEAD C-/C+", "Head C+ C-"],
)  # fmt: skip
def test_of_a_name_that_says_both_the_agent_decides(name):
    assert contrast(name) is None
    assert contrast(name, "NONE") is None
    assert contrast(name, "OMNIPAQUE") == (Kind.CONTRAST, "its header names a contrast agent (OMNIPAQUE)")


@pytest.mark.parametrize(
    "name", ["HEAD W/O POST FOSSA", "CCT nativ post-op", "NECT non-enhanced", "Head w/o", "HEAD WO"]
)
def test_a_plain_name_stays_plain_beside_words_that_only_look_like_contrast(name):
    assert contrast(name, "OMNIPAQUE") is None


@pytest.mark.parametrize(
    ("image_type", "name"),
    [("ORIGINAL\\PRIMARY\\LOCALIZER", ""), ("DERIVED\\SECONDARY\\REF_SURVIEW", ""), ("", "Topogram 0.6 T20f"),
     ("", "scout"), ("ORIGINAL\\PRIMARY\\AXIAL", "Lateral SCOUT")],
)  # fmt: skip
def test_scouts(image_type, name):
    assert scout(image_type, name).kind is Kind.SCOUT


@pytest.mark.parametrize(
    ("image_type", "name", "kind"),
    [("DERIVED\\PRIMARY\\PERFUSION\\CBF", "", Kind.PERFUSION_MAP), ("", "CTP Tmax", Kind.PERFUSION_MAP),
     ("", "VRT 3", Kind.DERIVED_MAP), ("DERIVED\\PRIMARY\\AXIAL\\IODINE", "", Kind.DERIVED_MAP),
     ("DERIVED\\SECONDARY\\AXIAL\\MIP", "", Kind.DERIVED_MAP),
     ("DERIVED\\PRIMARY\\AXIAL\\EFF_ATOMIC_NUM", "", Kind.DERIVED_MAP)],
)  # fmt: skip
def test_computed_images(image_type, name, kind):
    assert computed(image_type, name).kind is kind


@pytest.mark.parametrize(
    "image_type", ["ORIGINAL\\PRIMARY\\AXIAL", "ORIGINAL\\PRIMARY\\AXIAL\\CT_SOM5 SPI DUAL\\VMI", ""]
)
def test_original_axial_images_are_nothing_else(image_type):
    for name in ("", "Head 5.0 MPR" if not image_type else "Head 5mm", "CT I To S"):
        assert scout(image_type, name) is computed(image_type, name) is capture(image_type) is None
    assert reformat(image_type, "Head 5mm") is None


def test_reformats_and_captures():
    assert reformat("DERIVED\\SECONDARY\\REFORMATTED\\AVERAGE", "").kind is Kind.REFORMAT
    assert reformat("", "Head MPR ax").reason == "its name says mpr"
    assert [reformat("", name).reason for name in ("Head MonoE 5mm", "VMI head", "Head 40 keV", "Head 40keV")] == [
        f"its name says {found}" for found in ("monoe", "vmi", "40 kev", "40kev")
    ]
    assert reformat("", "monitoring") is None
    assert capture("DERIVED\\SECONDARY\\SCREEN SAVE").kind is Kind.SECONDARY_CAPTURE


@pytest.mark.parametrize(
    ("part", "name"), [("CHEST", ""), ("", "Abdomen 5mm"), ("CSPINE", "C-Spine bone"), ("NECK", "")]
)
def test_other_parts_of_the_body(part, name):
    assert body_part(part, name).kind is Kind.NOT_A_HEAD


@pytest.mark.parametrize(
    ("part", "name"), [("", ""), ("HEAD", "Neck"), ("CHEST", "Head 5mm"), ("HEADNECK", ""), ("SKULL", "")]
)
def test_heads_even_under_a_wrong_body_part(part, name):
    assert body_part(part, name) is None


def test_words_are_letters_and_digits_only():
    assert words("T2*_FFE (b=0)") == "t2 ffe b 0"
