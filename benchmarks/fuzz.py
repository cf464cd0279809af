"""Random damage to the images of a phantom, and what an inference says of each until the network is asked.

python -m benchmarks.fuzz
"""

import multiprocessing
import random
import resource
import tempfile
import warnings
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from benchmarks.damage import damaged, write_images

Examine = Callable[[Path], str]

CRASHED = "crashed"
OUTCOMES = ("scored", "cautioned", "left out", "failed", CRASHED)
STARTING = 300
"""Seconds in which a process must have imported everything."""
MEMORY = 500
"""MB by which one image may raise the memory of the process; a slice of 16 million pixels takes half of it."""


class Case(NamedTuple):
    """What became of one damaged image."""

    number: int
    name: str
    outcome: str
    text: str = ""
    """The reason, where it crashed."""


def main(count: int = 1000, seed: int = 0, size: int = 64, seconds: float = 20) -> None:
    """Print how many damaged images would be scored, scored with a caution, left out, or fail; and which crashed.

    Anything but an `InputError` is a crash, as are the end of the process, more time than `seconds` and more memory
    than `MEMORY`.

    Args:
        count: number of damaged images.
        seed: of the damage; image k of it is always the same.
        size: rows and columns of a slice.
        seconds: that an image may take.
    """
    counts: Counter[str] = Counter()
    for case in run(count, seed, size, seconds):
        counts[case.outcome] += 1
        if case.outcome == CRASHED:
            print(f"{CRASHED}: {case.number} ({case.name}): {case.text}")
    print(", ".join(f"{counts[outcome]} {outcome}" for outcome in OUTCOMES))


def run(
    count: int, seed: int = 0, size: int = 64, seconds: float = 20, load: Callable[[], Examine] | None = None
) -> Iterator[Case]:
    """Yield what becomes of each damaged image, in a process of its own that is started again when it dies.

    Args:
        count: number of damaged images.
        seed: of the damage.
        size: rows and columns of a slice.
        seconds: that an image may take.
        load: returns, in that process, what to do with an image; the way of an inference when None.
    """
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        images = write_images(Path(folder), size)
        left = deque(range(count))
        while left:
            receive, send = context.Pipe(duplex=False)
            arguments = (load or load_inference, images, seed, list(left), send)
            process = context.Process(target=_work, args=arguments, daemon=True)
            process.start()
            send.close()
            try:
                _receive(receive, STARTING)
                while left:
                    case = _receive(receive, seconds)
                    left.popleft()
                    yield case
                process.join()
            except (EOFError, TimeoutError) as error:
                process.join(1)
                why = f"took more than {seconds} s" if isinstance(error, TimeoutError) else "ended the process"
                number = left.popleft()
                yield Case(number, _chosen(images, seed, number)[0].name, CRASHED, f"{why}, {process.exitcode}")
            finally:
                process.kill()
                process.join()


def load_inference() -> Examine:
    """Return the way of an inference from a file to the input of the network, but for the brain mask."""
    from monai.bundle import ConfigParser

    from bundle.errors import InputError, find_input_error
    from bundle.gate import LeftOut
    from bundle.sources.unlabelled import find_images
    from bundle.transforms import judging

    parser = ConfigParser()
    parser.read_config(Path(__file__).parents[1] / "configs" / "inference.json")
    parser["mask"] = False
    steps = judging(parser.get_parsed_content("preprocessing"))

    def examine(path: Path) -> str:
        try:
            rows, rejected = find_images(path)
        except InputError:
            return "failed"
        if rejected:
            return "left out" if "kind" in rejected[0] else "failed"
        try:
            for row in rows:
                steps(dict(row))
        except Exception as error:
            found = find_input_error(error)
            if found is None:
                raise
            return "left out" if isinstance(found, LeftOut) else "failed"
        return "scored" if rows[0]["outcome"] == "scored" else "cautioned"

    return examine


def _chosen(images: Sequence[Path], seed: int, number: int) -> tuple[Path, random.Random]:
    draw = random.Random(f"{seed} {number}")
    return draw.choice(images), draw


def _work(
    load: Callable[[], Examine], images: Sequence[Path], seed: int, left: Sequence[int], send: Connection
) -> None:
    examine = load()
    send.send(None)
    with tempfile.TemporaryDirectory() as folder:
        for number in left:
            image, draw = _chosen(images, seed, number)
            path = Path(folder, image.name)
            path.write_bytes(damaged(image.read_bytes(), draw))
            before, text = _peak(), ""
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("error")  # nothing but the reason is to be printed of a file
                    outcome = examine(path)
            except Exception as error:
                outcome, text = CRASHED, f"{type(error).__name__}: {error}"
            if (grown := _peak() - before) > MEMORY:
                outcome, text = CRASHED, f"took {grown:.0f} MB"
            send.send(Case(number, image.name, outcome, text))


def _receive(connection: Connection, seconds: float) -> Case:
    if not connection.poll(seconds):
        raise TimeoutError
    return connection.recv()


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    import fire

    fire.Fire(main)
