import pytest
import torch
from monai.data import DataLoader, MetaTensor
from monai.transforms import Compose

from bundle.deploy.tolerant import FAILED, LEFT_OUT, TolerantDataset
from bundle.errors import InputError
from bundle.gate import Finding, Kind, LeftOut
from bundle.transforms import SelectSliced

BLANK = (3, 4, 4)


def read(row):
    """Return a sample as MONAI's transforms leave it, or fail as a damaged file does."""
    if row["name"] in "xy":
        raise InputError("is cut short", "copy it again", row["name"]) if row["name"] == "x" else KeyError("BitsStored")
    image = MetaTensor(torch.full(BLANK, float(row["name"])), meta={"intensity": "HU"})
    box = torch.zeros(2, dtype=torch.int32)
    return {"image": image, "box_start": box, "box_end": box}


@pytest.mark.parametrize("batch_size", [1, 2, 5])
@pytest.mark.parametrize("names", ["x12", "1x2", "12x", "xy1", "1xyx2", "xx"])
def test_a_damaged_file_costs_itself_alone_wherever_it_lies_in_its_batch(names, batch_size):
    data = [{"name": name} for name in names]
    batches = list(DataLoader(TolerantDataset(data, read, BLANK), batch_size=batch_size))
    reasons = [reason for batch in batches for reason in batch[FAILED]]
    assert [bool(reason) for reason in reasons] == [name in "xy" for name in names]
    assert {reason for name, reason in zip(names, reasons, strict=True) if name == "x"} <= {
        "x is cut short; copy it again"
    }
    images = torch.cat([batch["image"] for batch in batches])
    assert images[:, 0, 0, 0].tolist() == [0 if name in "xy" else float(name) for name in names]


def test_what_is_no_head_is_left_out_and_has_not_failed():
    def refuse(row):
        raise LeftOut(Finding(Kind.EMPTY, "all of it is 0"), "a.png") if row["name"] == "0" else InputError("is cut")

    dataset = TolerantDataset([{"name": "0"}, {"name": "1"}], refuse, BLANK)
    assert [(sample[LEFT_OUT], sample[FAILED]) for sample in (dataset[0], dataset[1])] == [
        ("empty", "all of it is 0"),
        ("", "is cut"),
    ]


def test_a_batch_of_the_loader_is_transformed_together():
    class Together:
        def __init__(self):
            self.calls = []

        def __call__(self, row):
            return self.batch([row])[0]

        def batch(self, rows):
            self.calls.append(len(rows))
            return [read(row) for row in rows]

    together = Together()
    batches = list(DataLoader(TolerantDataset([{"name": name} for name in "12345"], together, BLANK), batch_size=3))
    assert together.calls == [3, 2]
    assert torch.cat([batch["image"] for batch in batches])[:, 0, 0, 0].tolist() == [1, 2, 3, 4, 5]


def thin(name, position, size=4):
    """A row of a thin series whose slice is a ramp, but for what is not to be read."""
    image = MetaTensor(torch.linspace(0, 80, size * size).reshape(1, size, size) + position, meta={"intensity": "HU"})
    return {"name": name, "series": "thin", "position": position, "image": image}


def test_the_slices_of_a_thin_series_are_one_sample_a_slab():
    def refuse(row):
        return read(row) and row if row["name"] == "x" else row

    rows = [
        thin("1", 0.0),
        thin("x", 1.0),
        thin("3", 2.0),
        thin("odd", 4.0, size=5),
        thin("x", 6.0),
        {**thin("6", 0.0), "series": ""},
    ]
    rows.append({**rows[-1], "image": rows[-1]["image"] * 0})
    steps = Compose(
        [
            refuse,
            SelectSliced("image"),
            lambda sample: {"image": sample["image"] + 1, "box_start": torch.zeros(2), "box_end": torch.ones(2)},
        ]
    )
    dataset = TolerantDataset(rows, steps, (1, 4, 4), ["name"], judged=True)
    assert dataset.slabs == [[0, 1, 2, 3], [4], [5], [6]] and len(dataset) == 4 and len(dataset.by_row) == 7
    (batch,) = DataLoader(dataset, batch_size=4)
    assert [reason.split("\n") for reason in batch[FAILED]] == [
        ["", "x is cut short; copy it again", "", "has another size or unit than its neighbours"],
        ["x is cut short; copy it again"],
        [""],
        ["all of it is 0"],
    ]
    assert [kind.split("\n") for kind in batch[LEFT_OUT]] == [[""] * 4, [""], [""], ["empty"]]
    expected = [
        (rows[0]["image"] + rows[2]["image"]) / 2 + 1,
        torch.zeros(1, 4, 4),
        rows[5]["image"] + 1,
        torch.zeros(1, 4, 4),
    ]
    for found, image in zip(batch["image"], expected, strict=True):
        torch.testing.assert_close(torch.as_tensor(found), torch.as_tensor(image))
    assert batch["name"] == ["1", "x", "6", "6"]
    for row, number in enumerate((0, 0, 0, 0, 1, 2, 3)):
        torch.testing.assert_close(dataset.by_row[row]["image"], dataset[number]["image"])
