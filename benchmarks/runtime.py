"""How long a study takes from files to probabilities, by the exported files and by MONAI's pipeline, in one run.

    python -m benchmarks.runtime EXPORT_FOLDER             # phantoms, 40 slices of 512 × 512
    python -m benchmarks.runtime EXPORT_FOLDER --folder DICOM_FOLDER

EXPORT_FOLDER is what `python -m scripts.export` wrote. Each way is the best of some rounds, taken in turn, because
machines are shared: read, judge, brain mask, crop, window, classifier, mirrored, smoothed. Then where the time goes
stage by stage; from the start of a process to the first probabilities, and its resident memory; beside a process that
keeps one core busy; and of a long series against a short one. Ratios are stated against the bounds that they should
keep, and nothing is asserted, for they depend on the machine.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from bundle.command import run_command
from bundle.phantom import Manifest, write_phantoms
from bundle.runtime import Runtime
from bundle.sources.unlabelled import find_images

ROOT = Path(__file__).parents[1]
FASTER, EAGER, START, MEMORY, LONGER = 6.0, 1.5, 3.0, 600.0, 4.0
"""Bounds: times as fast as the reference, by exported files and by MONAI's pipeline; seconds to the first verdict; MB;
and times as long for 600 slices as for 40."""
HEIGHT = 150.0
"""mm of a head."""
REFERENCE = "MONAI's pipeline as in version 0.4.0"

_FRESH = """
import resource, sys, time
start = float(sys.argv[1])
from bundle.runtime import Runtime
from bundle.sources.unlabelled import find_images
scored = Runtime(sys.argv[2], sys.argv[3]).score(find_images(sys.argv[4], all_series=True)[0])
assert scored.scored.all()
print(time.time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def best_of(action: Callable[[], object], rounds: int) -> float:
    """Return the seconds of the fastest of some rounds, after one that warms up."""
    action()
    return min(seconds(action) for _ in range(rounds))


def eager(folder: Path) -> tuple[Callable[[], object], Callable[[], object]]:
    """Return an action that scores a folder by the config of inference, imports and weights at hand, and one that does
    so as version 0.4.0 did: the masks slice by slice, and 32 slices through the network at once."""
    from bundle.command import begin

    begin()
    import torch
    from monai.bundle import ConfigParser
    from monai.data import DataLoader

    from bundle.files.weights import read_weights
    from bundle.networks import load_state

    parser = ConfigParser(ConfigParser.load_config_file(ROOT / "configs/inference.json"))
    parser.update({"bundle_root": str(ROOT), "input": str(folder), "all_series": True, "device": "cpu"})
    network = parser.get_parsed_content("network_def").eval()
    load_state(network, read_weights(parser.get_parsed_content("checkpoint")), "model.pt")
    inferer, dataset = (parser.get_parsed_content(key) for key in ("inferer", "dataset"))

    def score() -> list[Any]:
        find_images(folder, all_series=True)
        with torch.inference_mode():
            return [inferer(batch["image"], network).softmax(1) for batch in DataLoader(dataset, batch_size=32)]

    def score_as_before() -> list[Any]:
        find_images(folder, all_series=True)
        samples = [dataset[index]["image"] for index in range(len(dataset))]
        with torch.inference_mode():
            return [
                (network(images) + network(images.flip(-1))).div(2).softmax(1)
                for images in map(torch.stack, (samples[start : start + 32] for start in range(0, len(samples), 32)))
            ]

    return score, score_as_before


def stages(runtime: Runtime, folder: Path) -> dict[str, float]:
    """Return the seconds of each stage of a warm study."""
    found: dict[str, float] = {}
    start = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal start
        now = time.perf_counter()
        found[name], start = now - start, now

    rows, _ = find_images(folder, all_series=True)
    lap("headers and gate")
    for row in rows:
        runtime.squares._files.read([Path(row["image"])])
    lap("decode alone")
    squares = [square.levels for batch in runtime.squares([[row] for row in rows]) for square in batch]
    lap("decode, mask, crop, window, resize")
    images = np.stack([levels for levels in squares if levels is not None])
    runtime.classifier.look(images)
    lap("classifier, one look")
    runtime.classifier(images)
    lap("classifier, mirrored")
    return found


@contextmanager
def busy_process() -> Iterator[None]:
    """Keep one core busy."""
    process = multiprocessing.get_context("spawn").Process(target=_spin, daemon=True)
    process.start()
    time.sleep(2)
    try:
        yield
    finally:
        process.kill()
        process.join()


def _spin() -> None:
    while True:
        pass


def main(export: str, folder: str | None = None, rounds: int = 3, name: str = "auto", long: int = 600) -> None:
    """Print times, ratios and bounds.

    Args:
        export: folder of exported files.
        folder: DICOM files of a study; phantoms of 40 slices of 512 × 512 are written when left out.
        rounds: how often each is measured.
        name: of the runtime.
        long: slices of the long series; 0 leaves it out.
    """
    with tempfile.TemporaryDirectory() as scratch:
        study = Path(folder) if folder else Path(scratch) / "phantom"
        if folder is None:
            # Two heads of 20, for 40 slices of one are so thin that they are scored as slabs.
            write_phantoms(study, Manifest(patients=2, slices=20, size=512))
            study /= "stage_2_train"
        line = [sys.executable, "-c", _FRESH, str(time.time()), export, name, str(study)]
        subprocess.run(line, cwd=ROOT, check=True, capture_output=True)  # files and self-test are in the caches now
        line[3] = str(time.time())
        done = subprocess.run(line, cwd=ROOT, check=True, capture_output=True, text=True)
        first, memory = map(float, done.stdout.split())
        runtime, single = Runtime(export, name), Runtime(export, name, mirrored=False)
        rows = find_images(study, all_series=True)[0]
        now, before = eager(study)
        actions = {
            REFERENCE: before,
            "MONAI's pipeline": now,
            f"{runtime.name}, mirrored": lambda: runtime.score(find_images(study, all_series=True)[0]),
            f"{runtime.name}, one look": lambda: single.score(find_images(study, all_series=True)[0]),
        }
        best = _best(actions, rounds)
        reference = best[REFERENCE]
        print(f"{len(rows)} slices, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, runtime {runtime.name}")
        for action, taken in best.items():
            print(f"{action:40s} {taken:7.2f} s   × {reference / taken:.1f} as fast")
        print(f"bounds: {FASTER:.0f} × mirrored, {EAGER} × MONAI's pipeline")
        for stage, taken in stages(runtime, study).items():
            print(f"  {stage:38s} {taken:7.2f} s")
        print(f"start to first probabilities             {first:7.2f} s   bound {START} s")
        print(f"resident memory                          {memory:7.0f} MB  bound {MEMORY:.0f} MB")
        key = f"{runtime.name}, mirrored"
        with busy_process():
            beside = _best({key: actions[key]}, rounds)[key]
        print(f"beside one busy process                  × {beside / best[key]:.2f} as long")
        if long:
            gap = HEIGHT / long
            many = [{**rows[index * len(rows) // long], "position": gap * index} for index in range(long)]
            ratio = seconds(lambda: runtime.score(many)) / best[key]
            print(f"{long} slices                               × {ratio:.1f} as long, bound {LONGER:.0f} × at 40")


def _best(actions: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    taken: dict[str, list[float]] = {name: [] for name in actions}
    for action in actions.values():
        action()  # warm
    for _ in range(rounds):
        for name, action in actions.items():
            taken[name].append(seconds(action))
    return {name: min(each) for name, each in taken.items()}


if __name__ == "__main__":
    run_command(main)
