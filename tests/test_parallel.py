from pathlib import Path

import pytest

from bundle import parallel
from bundle.errors import InputError
from bundle.parallel import map_files


def length(file):
    if file.name == "bad":
        raise InputError("bad file")
    return len(file.name)


@pytest.mark.parametrize("few", [0, 100])
def test_results_are_in_order_with_errors_in_their_place(monkeypatch, few):
    monkeypatch.setattr(parallel, "FEW", few)
    first, bad, last = map_files(length, [Path("a"), Path("bad"), Path("ccc")], "test")
    assert (first, last) == (1, 3)
    assert isinstance(bad, InputError) and str(bad) == "bad file"
