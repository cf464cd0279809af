"""Reading a CSV of the size of RSNA's against merely parsing it.

python -m benchmarks.rsna_csv
"""

import csv
import random
import resource
import tempfile
import time
from pathlib import Path

from bundle.command import run_command
from bundle.labels import LABELS, SUBTYPES
from bundle.sources.rsna_labels import read_rsna_labels

IMAGES, REPEATED = 752_803, 4


def write_rsna_csv(path: Path, images: int, repeated: int = REPEATED) -> None:
    """Write a CSV as the challenge's: the six rows of an image together, and those of some images once more."""
    draw = random.Random(0)
    blocks = []
    for number in range(images):
        values = [int(draw.random() < 0.03) for _ in SUBTYPES]
        image = f"ID_{number * 2_654_435_761 % 2**36:09x}"  # in no order, and none twice
        labels = zip(LABELS, [*values, max(values)], strict=True)
        blocks.append("".join(f"{image}_{name},{value}\n" for name, value in labels))
    path.write_text("ID,Label\n" + "".join(blocks + blocks[:repeated]))


def main(images: int = IMAGES) -> None:
    """Print seconds of CPU and their ratio, and the memory of the process at its most.

    Args:
        images: number of them.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stage_2_train.csv"
        write_rsna_csv(path, images)
        start = time.process_time()
        with path.open(newline="") as lines:
            rows = sum(1 for _ in csv.reader(lines)) - 1
        parsed = time.process_time()
        labels, _, notes = read_rsna_labels(path)
        done = time.process_time()
    print(f"{rows} rows, {len(labels)} images; {'; '.join(notes)}")
    ratio = (done - parsed) / (parsed - start)
    print(f"csv.reader alone {parsed - start:.1f} s, labels {done - parsed:.1f} s: {ratio:.1f} ×")
    print(f"at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB, writing the CSV included")


if __name__ == "__main__":
    run_command(main)
