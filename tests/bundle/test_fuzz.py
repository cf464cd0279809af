import os
import time
from pathlib import Path

from benchmarks.damage import write_images
from benchmarks.fuzz import CRASHED, OUTCOMES, load_inference, run


def test_damaged_images_cost_themselves_alone():
    cases = list(run(60, seed=1))
    assert [case.number for case in cases] == list(range(60))
    assert not [case for case in cases if case.outcome == CRASHED]
    assert {case.outcome for case in cases} >= {"scored", "failed"}


def test_without_damage_all_are_scored(tmp_path):
    examine = load_inference()
    assert {examine(path) for path in write_images(tmp_path, 32)} == {"scored"}


def bad():
    """Return what crashes by the name of the image in every way there is."""

    def examine(path):
        match path.suffix:
            case ".png":
                os._exit(3)
            case ".gz":
                time.sleep(60)
            case ".jpg":
                raise RuntimeError("damaged")
        return OUTCOMES[0]

    return examine


def test_each_crash_is_counted_and_the_rest_goes_on():
    cases = list(run(12, seed=26, size=32, seconds=5, load=bad))
    assert [case.number for case in cases] == list(range(12))
    why = {".png": "ended the process, 3", ".gz": "took more than 5 s", ".jpg": "RuntimeError: damaged"}
    crashed = {Path(case.name).suffix: case.text for case in cases if case.outcome == CRASHED}
    assert crashed.keys() == why.keys()
    assert all(crashed[suffix].startswith(text) for suffix, text in why.items())
