"""Scan of DICOM headers against bare pydicom, on copies of a phantom's slices.

python -m benchmarks.header_scan
"""

import multiprocessing
import resource
import shutil
import tempfile
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

import pydicom

from bundle.parallel import available_cores, map_files
from bundle.readers.dicom_values import TAGS
from bundle.sources.header import read_header

KEYWORDS = [keyword for keyword in TAGS if keyword != "PixelData"]


def main(files: int = 20_000, size: int = 64, rounds: int = 7) -> None:
    """Print files a second of ``pydicom.dcmread(stop_before_pixels=True, specific_tags=...)`` and of this bundle.

    The bundle reads the same tags, checks that the slice can be scored and its pixel data is whole, and returns a row.
    On one core the two take turns, on all cores each has them to itself. CPU seconds do not depend on what else the
    machine does; those of the bundle are of all its processes, with their start and the gathering of the rows.

    Args:
        files: number of files, which all cores read once and then five times, to compare the memory.
        size: rows and columns of a slice, of which no pixel is read.
        rounds: on one core, of a twentieth of the files each; the fastest counts.
    """
    cores = available_cores()
    with tempfile.TemporaryDirectory() as folder:
        paths = _write(Path(folder), files, size)
        rates: dict[Callable[[Path], object], list[float]] = {_bare: [], read_header: []}
        for _ in range(rounds):
            for read, measured in rates.items():
                measured.append(_rate(read, paths[::20]))
        bare, ours = (max(measured) for measured in rates.values())
        with multiprocessing.get_context("spawn").Pool(cores) as pool:
            shares = [paths[core::cores] for core in range(cores)]
            bare_each = sum(pool.map(_bare_rate, shares, chunksize=1)) / cores
        _scan(paths)
        once = _peak(resource.RUSAGE_SELF)
        start, cpu = time.perf_counter(), _cpu()
        _scan(paths * 5)
        together, each = 5 * files / (time.perf_counter() - start), 5 * files / (_cpu() - cpu)
    print(f"one core      bare pydicom {bare:.0f} files a CPU second, this bundle {ours:.0f}, ratio {ours / bare:.2f}")
    print(
        f"all {cores} cores   bare pydicom {bare_each:.0f} files a CPU second, this bundle {each:.0f}, "
        f"ratio {each / bare_each:.2f}; in all {together:.0f} files a second"
    )
    print(
        f"peak memory   {once:.0f} MB after {files} files, {_peak(resource.RUSAGE_SELF):.0f} MB after {6 * files}, "
        f"{_peak(resource.RUSAGE_CHILDREN):.0f} MB in the largest other process"
    )


def _rate(read: Callable[[Path], object], paths: Sequence[Path]) -> float:
    start = time.process_time()
    for path in paths:
        read(path)
    return len(paths) / (time.process_time() - start)


def _bare_rate(paths: Sequence[Path]) -> float:
    return _rate(_bare, paths)


def _scan(paths: Sequence[Path]) -> None:
    deque(map_files(read_header, paths, "headers"), maxlen=0)


def _cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _bare(path: Path) -> pydicom.Dataset:
    return pydicom.dcmread(path, stop_before_pixels=True, specific_tags=KEYWORDS)


def _write(folder: Path, files: int, size: int) -> list[Path]:
    from bundle.phantom import Manifest, write_phantoms  # not by the processes that read

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
