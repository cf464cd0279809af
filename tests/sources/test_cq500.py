from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bundle.errors import InputError
from bundle.gate import Candidate
from bundle.labels import LABELS, check_label, label_of_slices
from bundle.sources import read_cq500
from bundle.sources.cq500_reads import majority, read_reads, scan_label, scan_number
from bundle.sources.cq500_series import Series, choose_series, read_series
from tests.datalist.examples import NORMAL, SUBDURAL
from tests.sources.cq500_layout import reads_row, write_cq500, write_reads, write_series

UNKNOWN = [None] * 6
votes = st.sampled_from([0, 1, None])


@pytest.fixture(scope="module")
def cq500(tmp_path_factory):
    return write_cq500(tmp_path_factory.mktemp("cq500"))


def test_a_scan_without_a_bleed_labels_its_slices_and_one_with_a_bleed_does_not(cq500):
    collection = read_cq500(cq500)
    assert len(collection.rows) == 4 * 18
    labels = {row["patient"]: (row["label"], row["study_label"]) for row in collection.rows}
    assert labels == {
        "CQ500-CT-0": (NORMAL, NORMAL),
        "CQ500-CT-1": (UNKNOWN, SUBDURAL),
        "CQ500-CT-2": (NORMAL, NORMAL),
        "CQ500-CT-3": (UNKNOWN, SUBDURAL),
    }
    assert any("36 slices are of scans with a hemorrhage" in note for note in collection.notes)


def test_rows_know_study_series_and_position(cq500):
    row = next(row for row in read_cq500(cq500).rows if row["image"].endswith("CT000003.dcm"))
    assert row["image"] == "CQ500CT0 CQ500CT0/Unknown Study/CT PLAIN THIN/CT000003.dcm"
    assert (row["study"], row["series"], row["position"]) == ("1.2.0", "1.2.0.2", 1.875)


def test_why_a_series_is_not_taken_is_listed(tmp_path):
    write_reads(tmp_path, [reads_row(n) for n in (3, 4)])
    write_series(tmp_path, 3, "CT 4cc sec 150cc D3D on", thickness=0.6)
    write_series(tmp_path, 3, "CT BONE", thickness=0.6)
    write_series(tmp_path, 3, "CT Plain", thickness=5)
    write_series(tmp_path, 3, "CT Plain-2", slices=17, thickness=5)
    write_series(tmp_path, 3, "CT Thin Plain", thickness=0.6, ConvolutionKernel="H70h")
    write_series(tmp_path, 3, "CT 3mm", thickness=3, ContrastBolusAgent="OMNIPAQUE")
    write_series(tmp_path, 3, "CT Plain 1mm", slices=3, thickness=1)
    write_series(tmp_path, 3, "CT sag", thickness=1, ImageOrientationPatient=[0, 1, 0, 0, 0, -1])
    write_series(tmp_path, 3, "CT scout", ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"])
    write_series(tmp_path, 4, "CT POST CONTRAST")
    (tmp_path / "CQ500CT3 CQ500CT3" / "notes").mkdir()
    (tmp_path / "CQ500CT3 CQ500CT3" / "notes" / "a.txt").write_text("")
    collection = read_cq500(tmp_path)
    assert {Path(row["image"]).parent.name for row in collection.rows} == {"CT Plain-2"}
    reasons = {
        Path(skip.image).name: skip.reason.removeprefix("is not the series taken: ") for skip in collection.skipped
    }
    assert reasons == {
        "CT 4cc sec 150cc D3D on": "its name says contrast (4cc)",
        "CT BONE": "its name says a bone kernel (bone)",
        "CT Plain": "it is as thin, but no larger than CT Plain-2 (17 slices of 5 mm), which was chosen",
        "CT Thin Plain": "its kernel is one for bone (H70h)",
        "CT 3mm": "its header names a contrast agent (OMNIPAQUE)",
        "CT Plain 1mm": "it has 3 slices, fewer than 16",
        "CT sag": "it is sagittal, not axial",
        "CT scout": "its ImageType says LOCALIZER",
        "CT POST CONTRAST": "its name says contrast (post)",
        "CQ500-CT-4": "has no plain axial series of the head",
        "notes": "has no DICOM files",
    }
    assert (
        collection.notes[0].startswith("one series of each of 1 scans is used") and "10 others" in collection.notes[0]
    )


@given(
    st.lists(st.tuples(st.sampled_from([0.625, 1.25, 5, float("inf")]), st.integers(16, 18), st.booleans()), max_size=6)
)
@settings(derandomize=True, max_examples=50, deadline=None)
def test_the_thinnest_usable_series_is_chosen_and_every_other_explained(candidates):
    series = [
        Series(Path(f"{index}"), [], Candidate(f"{index}", count, thickness), "contrast" if ruled_out else None)
        for index, (thickness, count, ruled_out) in enumerate(candidates)
    ]
    chosen, reasons = choose_series(series)
    usable = [each for each in series if each.problem is None]
    assert (chosen is None) == (not usable)
    assert set(reasons) == {each.folder for each in series if each is not chosen}
    for each in usable:
        assert (chosen.candidate.thickness, -chosen.candidate.slices) <= (
            each.candidate.thickness,
            -each.candidate.slices,
        )
    assert choose_series(series[::-1])[0] == chosen


def test_an_unknown_thickness_comes_last(tmp_path):
    assert read_series(write_series(tmp_path, 0, "CT Plain", SliceThickness=None)).candidate.thickness == float("inf")


@given(st.lists(votes, min_size=3, max_size=3))
@settings(derandomize=True, deadline=None)
def test_majority_is_what_two_of_three_say(three):
    expected = 1 if three.count(1) >= 2 else 0 if three.count(0) >= 2 else None
    assert majority(three) == expected


@given(st.lists(st.lists(votes, min_size=6, max_size=6), min_size=3, max_size=3), st.randoms(use_true_random=False))
@settings(derandomize=True, max_examples=200, deadline=None)
def test_the_label_of_a_scan_follows_the_majority_and_no_order_of_readers(reads, random):
    try:
        label = scan_label(reads)
    except ValueError as error:
        assert "but the subtypes say" in str(error)
        return
    assert label == check_label(label)
    for column, value in enumerate(label):
        said = [reader[column] for reader in reads]
        agreed = majority(said)
        if column == len(LABELS) - 1:
            assert value == agreed or agreed is None
        elif agreed == 1:
            assert value == 1
        elif value == 1:
            raise AssertionError("a subtype that no two readers saw")
    random.shuffle(reads)
    assert scan_label(reads) == label


def test_a_bleed_on_whose_kind_the_readers_differ_leaves_the_kinds_they_named_unknown():
    sdh, edh, nothing = [0, 0, 0, 0, 1, 1], [1, 0, 0, 0, 0, 1], [0] * 6
    assert scan_label([sdh, edh, nothing]) == [None, 0, 0, 0, None, 1]
    assert scan_label([[0] * 5 + [1], [0] * 5 + [1], nothing]) == [None] * 5 + [1]
    assert scan_label([sdh, nothing, nothing]) == NORMAL


@given(st.lists(votes, min_size=6, max_size=6))
@settings(derandomize=True, deadline=None)
def test_a_scans_bleed_is_never_copied_to_a_slice(values):
    label = label_of_slices(values)
    assert label == (NORMAL if values[-1] == 0 else UNKNOWN)


@pytest.mark.parametrize("name", ["CQ500-CT-12", "CQ500CT12 CQ500CT12", "CQ500CT12", "cq500-ct-12"])
def test_scans_are_known_by_their_number(name):
    assert scan_number(name) == 12


def test_scans_without_reads_or_folder_and_contradictory_reads_are_listed(tmp_path):
    torn = reads_row(1, *[("SDH",)] * 3)
    write_reads(tmp_path, [reads_row(0), torn, reads_row(7)])
    for number in (0, 1, 5):
        write_series(tmp_path / "part", number, "CT Plain")
    write_series(tmp_path / "rest", 0, "CT Plain")
    collection = read_cq500(tmp_path)
    assert {row["image"].split("/")[1] for row in collection.rows} == {"CQ500CT0 CQ500CT0"}
    assert dict(collection.skipped) == {
        "CQ500-CT-1": "the label any is 0, but the subtypes say 1: [0, 0, 0, 0, 1, 0]",
        "rest/CQ500CT0 CQ500CT0": "is a second folder of the scan in part/CQ500CT0 CQ500CT0",
        "part/CQ500CT5 CQ500CT5": "has no row in reads.csv",
        "CQ500-CT-7": "there is no folder of it",
    }


def test_slices_that_cannot_be_read_are_listed(tmp_path):
    write_reads(tmp_path, [reads_row(0)])
    folder = write_series(tmp_path, 0, "CT Plain", slices=17)
    (folder / "CT000000.dcm").write_bytes(b"x")
    collection = read_cq500(tmp_path)
    assert len(collection.rows) == 16
    assert [skip.image.rpartition("/")[2] for skip in collection.skipped] == ["CT000000.dcm"]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([reads_row(0) | {"R2:IVH": "2"}], r"reads\.csv line 2 has the R2:IVH '2'; write 1, 0 or nothing"),
        ([reads_row(0) | {"name": "scan 1"}], "line 2 has the name 'scan 1', which must be CQ500-CT-<number>"),
        ([reads_row(0), reads_row(0)], "line 3 has CQ500-CT-0 of line 2 again"),
    ],
)
def test_malformed_reads_are_one_sentence_with_the_line(tmp_path, rows, said):
    write_reads(tmp_path, rows)
    with pytest.raises(InputError, match=said):
        read_reads(tmp_path / "reads.csv")


def test_a_missing_folder_csv_or_scan_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match="is no folder"):
        read_cq500(tmp_path / "none")
    with pytest.raises(InputError, match=r"reads\.csv does not exist; put the reads"):
        read_cq500(tmp_path)
    write_reads(tmp_path, [reads_row(0)])
    with pytest.raises(InputError, match="has no folder of a scan"):
        read_cq500(tmp_path)
