"""Scan of DICOM headers against bare pydicom, on copies of a phantom's slices.

python -m benchmarks.header_scan
"""

import os
import resource
import shutil
import tempfile
import time
from collections import deque
from pathlib import Path

import pydicom

from bundle.parallel import map_files
from bundle.phantom import Manifest, write_phantoms
from bundle.readers.dicom_header import TAGS
from bundle.sources.header import read_header

KEYWORDS = [keyword for keyword in TAGS if keyword != "PixelData"]


def main(files: int = 30_000, size: int = 64, rounds: int = 5) -> None:
    """Print files a second of ``pydicom.dcmread(stop_before_pixels=True, specific_tags=...)`` and of this bundle.

    The bundle reads the same tags, checks that the slice can be scored and its pixel data is whole, and returns a row.
    On one core the two take turns; on all cores the time includes the start of the processes.

    Args:
        files: number of files that all cores read; memory is compared with four times as many.
        size: rows and columns of a slice, of which no pixel is read.
        rounds: on one core, of a twentieth of the files each; the fastest counts.
    """
    cores = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        paths = _write(Path(folder), files, size)
        seconds: dict[str, list[float]] = {"bare": [], "bundle": []}
        some = paths[:: max(1, 20)]
        for _ in range(rounds):
            for name, read in (("bare", _bare), ("bundle", read_header)):
                start = time.perf_counter()
                for path in some:
                    read(path)
                seconds[name].append(time.perf_counter() - start)
        bare, ours = (len(some) / min(times) for times in seconds.values())
        start = time.perf_counter()
        deque(map_files(read_header, paths, "headers"), maxlen=0)
        together = len(paths) / (time.perf_counter() - start)
        once = _peak(resource.RUSAGE_SELF)
        deque(map_files(read_header, paths * 4, "headers"), maxlen=0)
    print(f"bare pydicom, one core      {bare:7.0f} files/s")
    print(f"this bundle, one core       {ours:7.0f} files/s  ratio {ours / bare:.2f}")
    print(f"this bundle, {cores:2} cores       {together:7.0f} files/s  ratio {together / cores / bare:.2f} a core")
    print(f"peak memory after {files} files {once:.0f} MB, after {5 * files} {_peak(resource.RUSAGE_SELF):.0f} MB")
    print(f"of the largest of the other processes {_peak(resource.RUSAGE_CHILDREN):.0f} MB")


def _bare(path: Path) -> pydicom.Dataset:
    return pydicom.dcmread(path, stop_before_pixels=True, specific_tags=KEYWORDS)


def _write(folder: Path, files: int, size: int) -> list[Path]:
    write_phantoms(folder / "phantom", Manifest(patients=1, slices=20, size=size), processes=1)
    slices = sorted((folder / "phantom" / "stage_2_train").iterdir())
    paths = []
    for index in range(files):
        path = folder / f"{index // 1000:03d}" / f"{index:06d}.dcm"
        path.parent.mkdir(exist_ok=True)
        shutil.copyfile(slices[index % len(slices)], path)
        paths.append(path)
    return paths


def _peak(who: int) -> float:
    return resource.getrusage(who).ru_maxrss / 1024


if __name__ == "__main__":
    import fire

    fire.Fire(main)
