"""Time of the gate for a DICOM series, against reading its slices.

python -m benchmarks.gate
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bundle.gate import judge_series, judge_slice, split_series
from bundle.phantom import Manifest, write_phantoms
from bundle.readers import read_dicom_slice
from bundle.readers.dicom_file import parse_dicom


def main(slices: int = 30, size: int = 512, rounds: int = 9) -> None:
    """Print the CPU time of the gate for one series as a share of that of reading its slices; the fastest counts.

    The header scan itself is not part of it: inference makes it with or without a gate.

    Args:
        slices: of the series, uncompressed.
        size: rows and columns of a slice.
        rounds: of each, in turns.
    """
    with tempfile.TemporaryDirectory() as folder:
        write_phantoms(Path(folder, "phantom"), Manifest(patients=1, slices=slices, size=size), processes=1)
        files = sorted(Path(folder, "phantom", "stage_2_train").iterdir())
        gate, read = [], []
        for _ in range(rounds):
            headers = [parse_dicom(file, header_only=True) for file in files]
            for dicom in headers:
                _ = dicom.position  # the scan sorts by it
            gate.append(_seconds(lambda headers=headers: _judge(headers)))
            read.append(_seconds(lambda: [read_dicom_slice(file) for file in files]))
    share = min(gate) / min(read)
    print(f"gate {1000 * min(gate):.2f} ms, reading {1000 * min(read):.1f} ms for {slices} slices: {share:.1%}")


def _judge(headers: list) -> None:
    facts, findings = zip(*map(judge_slice, headers), strict=True)
    for part in split_series(facts, [finding.kind for finding in findings]):
        judge_series([facts[index] for index in part.members], findings[part.members[0]])


def _seconds(run: Callable[[], object]) -> float:
    start = time.process_time()
    run()
    return time.process_time() - start


if __name__ == "__main__":
    import fire

    fire.Fire(main)
