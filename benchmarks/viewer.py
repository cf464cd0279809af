"""Size of the page of a run, time to write it, and time until a Chromium has opened it.

python -m benchmarks.viewer
"""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.ndimage import gaussian_filter

from bundle.intensity import Intensity
from bundle.labels import SUBTYPES
from bundle.phantom import Head, make_head
from bundle.viewer import HeadPictures, SlicePicture, write_page
from tests.browser import CHROMIUM, chromium


def main(heads: int = 30, slices: int = 30, size: int = 512, made: int = 3, rounds: int = 5) -> None:
    """Print the size of a page, the time to write it, and the median time to open it.

    Opening ends when the page is loaded, and with it the pictures that it shows at first.

    Args:
        heads: of the page.
        slices: of each head.
        size: rows and columns of a slice.
        made: different phantoms, which are shown in turn.
        rounds: how often the page is opened.
    """
    phantoms = [make_head(seed, slices=slices, size=size, bleed=[SUBTYPES[seed % 5]]) for seed in range(made)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "index.html")
        start = time.perf_counter()
        write_page(file, _heads(phantoms, heads))
        seconds = time.perf_counter() - start
        print(f"{heads} heads of {slices} slices: {file.stat().st_size / 1e6:.1f} MB, written in {seconds:.1f} s")
        if CHROMIUM is None:
            print("not opened: there is no chromium on this machine")
            return
        with chromium(Path(folder, "profile")) as page:
            page.resize(1280, 900)
            opened = []
            for _ in range(rounds):
                page.open(file)
                page.until("performance.getEntriesByType('navigation')[0].loadEventEnd > 0")
                opened.append(page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd") / 1000)
        print(f"opened in {np.median(opened):.2f} s (slowest {max(opened):.2f} s)")


def _heads(phantoms: list[Head], count: int) -> Iterator[HeadPictures]:
    for number in range(count):
        head = phantoms[number % len(phantoms)]
        shares = (head.bleed > 0).mean(axis=(1, 2))
        scores = (shares / shares.max()).tolist()
        slices = [_slice(head, index, scores[index]) for index in range(len(scores))]
        record = {"action": "read first", "series": f"head {number}", "p_any": max(scores), "p_subdural": max(scores)}
        yield HeadPictures(record, slices)


def _slice(head: Head, index: int, score: float) -> SlicePicture:
    blurred = gaussian_filter((head.bleed[index] > 0).astype(np.float32), head.geometry.size / 60)
    heat = blurred / max(float(blurred.max()), 1e-6)
    record = {"position": index * head.spacing[0], "p_any": score}
    return SlicePicture(head.image[index], Intensity.HU, heat, record, head.spacing[1:], ("R", "L"))


if __name__ == "__main__":
    import fire

    fire.Fire(main)
