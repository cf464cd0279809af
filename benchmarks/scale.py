"""How the cost of inference grows: with the slices of a head, with their size, with the heads and series of a tree.

    python -m benchmarks.scale EXPORT_FOLDER                       # all but the large tree, a quarter of an hour
    python -m benchmarks.scale EXPORT_FOLDER --heads 0 --series 100000
    python -m benchmarks.scale EXPORT_FOLDER --plot docs/scale.png

EXPORT_FOLDER is what `python -m scripts.export` wrote. Slices and sizes are measured warm, as the best of some rounds;
each tree by a process of its own, of which the time, the share of the cores and the greatest memory are printed. The
trees are copies of a few phantoms, each with identifiers of its own. At the end stands what a day of a hospital and an
archive take at these rates. Nothing is asserted, for all of it depends on the machine.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pydicom

from benchmarks.runtime import HEIGHT, ROOT, best_of
from bundle.command import run_command
from bundle.figures import new_figure, save_figure, style_axes
from bundle.parallel import available_cores
from bundle.phantom import Manifest, write_phantoms
from bundle.runtime import Runtime
from bundle.sources.unlabelled import find_images

SLICES = (10, 20, 40, 75, 150, 300, 600)
SIZES = (256, 512, 1024)
USUAL = 40
"""Slices of a head where their size grows, and of the hospital's heads."""
PHANTOMS, OF_TREE, SIZE_OF_TREE = 5, 12, 128
"""Different phantoms of a tree, and their slices and size."""
HOSPITAL, ARCHIVE = 300, 1_000_000
"""Heads of a day, and of an archive."""
_IDENTIFIERS = ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "PatientID")
_DIGITS = 6
_LAUNCHER = """
import resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss)
"""
"""A small process in between, for a process inherits the greatest memory of the one that starts it."""
_SCAN = "import sys; from bundle.sources.unlabelled import find_images; print(len(find_images(sys.argv[1])[0]))"


class Cost(NamedTuple):
    """What a process took."""

    seconds: float
    cores: float
    """Share of all cores in [0, 1]."""
    megabytes: float


def main(
    export: str, name: str = "auto", heads: int = 1000, series: int = 0, rounds: int = 3, plot: str | None = None
) -> None:
    """Print the costs, and what they amount to.

    Args:
        export: folder of exported files.
        name: of the runtime.
        heads: of the largest tree that is scored; smaller ones have a tenth and a hundredth of them.
        series: of a tree of which only the headers are read.
        rounds: how often slices and sizes are measured.
        plot: PNG file of the growth.
    """
    print(f"{available_cores()} cores, load {os.getloadavg()[0]:.1f}, runtime {name}")
    with tempfile.TemporaryDirectory() as scratch:
        runtime = Runtime(export, name)
        by_slices = _by_slices(runtime, Path(scratch), rounds)
        by_size = _by_size(runtime, Path(scratch), rounds)
        by_heads = {}
        for count in sorted({heads // 100, heads // 10, heads} - {0}):
            tree = _tree(Path(scratch) / f"heads{count}", count, OF_TREE)
            line = ["-m", "scripts.predict", str(tree), "--runtime", name, "--export_dir", str(Path(export).absolute())]
            cost = by_heads[count] = _cost([*line, "--output", str(Path(scratch) / f"output{count}")])
            print(
                f"{count:6d} heads of {OF_TREE} slices, {SIZE_OF_TREE}²: {cost.seconds:7.1f} s, "
                f"{cost.seconds / count:.3f} s a head, {cost.cores:.0%} of the cores, {cost.megabytes:.0f} MB"
            )
        if series:
            cost = _cost(["-c", _SCAN, str(_tree(Path(scratch) / "series", series, 1))])
            print(f"{series} series of one slice, headers and gate: {cost.seconds:.0f} s, {cost.megabytes:.0f} MB")
    seconds = by_slices[USUAL]
    print(f"{HOSPITAL} heads of {USUAL} slices: {HOSPITAL * seconds / 60:.1f} minutes")
    print(f"{ARCHIVE} heads: {ARCHIVE * seconds / 86_400:.1f} days, divided by the number of machines")
    if plot:
        print(save_figure(_figure(by_slices, by_size, by_heads), plot))


def _by_slices(runtime: Runtime, scratch: Path, rounds: int) -> dict[int, float]:
    rows = _phantom(scratch / "slices", USUAL, 512)
    taken = {}
    for count in SLICES:
        gap = HEIGHT / count
        head = [{**rows[index * USUAL // count], "position": gap * index} for index in range(count)]
        taken[count] = best_of(lambda head=head: runtime.score(head), rounds)
        print(f"{count:4d} slices of 512², {gap:5.2f} mm apart: {taken[count]:6.2f} s")
    return taken


def _by_size(runtime: Runtime, scratch: Path, rounds: int) -> dict[int, float]:
    taken = {}
    for size in SIZES:
        rows = _phantom(scratch / f"size{size}", 8, size)
        head = [{**rows[index % len(rows)], "position": 5.0 * index} for index in range(USUAL)]
        taken[size] = best_of(lambda head=head: runtime.score(head), rounds)
        print(f"{USUAL} slices of {size:4d}²: {taken[size]:6.2f} s")
    return taken


def _phantom(folder: Path, slices: int, size: int) -> list[dict[str, object]]:
    write_phantoms(folder, Manifest(patients=1, slices=slices, size=size))
    return find_images(folder, all_series=True)[0]


def _tree(folder: Path, count: int, slices: int) -> Path:
    """Write heads, a folder each, of so many slices; return the folder of all."""
    source = folder.with_name(f"{folder.name}_phantoms")
    write_phantoms(source, Manifest(patients=PHANTOMS, slices=OF_TREE, size=SIZE_OF_TREE if slices > 1 else 32))
    files = list(_identified(sorted((source / "stage_2_train").iterdir())))
    for number in range(count):
        start = number % PHANTOMS * OF_TREE
        head = folder / f"{number // 1000:03d}" / f"{number:0{_DIGITS}d}"
        head.mkdir(parents=True)
        for index, (data, identifiers) in enumerate(files[start : start + slices]):
            for each in identifiers:
                # A value of the same length leaves the rest of the file as it is.
                data = data.replace(each, each[:-_DIGITS] + f"{number:0{_DIGITS}d}".encode())
            (head / f"{index:03d}.dcm").write_bytes(data)
    return folder


def _identified(paths: Sequence[Path]) -> Iterator[tuple[bytes, list[bytes]]]:
    """Yield DICOM files with the identifiers that are in them, series by series."""
    headers = [pydicom.dcmread(path, stop_before_pixels=True) for path in paths]
    for path, header in sorted(zip(paths, headers, strict=True), key=lambda both: both[1].SeriesInstanceUID):
        yield path.read_bytes(), [str(header[name].value).encode() for name in _IDENTIFIERS]


def _cost(arguments: Sequence[str]) -> Cost:
    command = [sys.executable, "-c", _LAUNCHER, sys.executable, *arguments]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    seconds, busy, kilobytes = map(float, done.stdout.split())
    return Cost(seconds, busy / seconds / available_cores(), kilobytes / 1024)


def _figure(by_slices: dict[int, float], by_size: dict[int, float], by_heads: dict[int, Cost]):
    figure = new_figure((12, 3.8))
    slices, size, heads = figure.subplots(1, 3)
    slices.plot(list(by_slices), list(by_slices.values()), "o-")
    style_axes(slices, f"slices of a head, {HEIGHT:.0f} mm high", "seconds")
    size.plot(list(by_size), list(by_size.values()), "o-")
    style_axes(size, f"rows and columns, {USUAL} slices", "seconds")
    heads.plot(list(by_heads), [cost.seconds for cost in by_heads.values()], "o-", label="seconds")
    heads.plot(list(by_heads), [cost.megabytes for cost in by_heads.values()], "s--", label="MB of memory")
    heads.legend(frameon=False)
    style_axes(heads, f"heads of {OF_TREE} slices, {SIZE_OF_TREE}²", "")
    for axes in (slices, size):
        axes.set_ylim(bottom=0)
    return figure


if __name__ == "__main__":
    run_command(main)
