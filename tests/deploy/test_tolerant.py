import pytest
import torch
from monai.data import DataLoader, MetaTensor

from bundle.deploy.tolerant import FAILED, LEFT_OUT, TolerantDataset
from bundle.errors import InputError
from bundle.gate import Finding, Kind, LeftOut

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
