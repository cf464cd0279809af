import copy
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, Dataset

from bundle.errors import InputError, find_input_error

PARTS = ("is cut short, with 3 of 8 bytes of pixels", "copy or export it again", Path("scan/a.dcm"))
SENTENCE = "scan/a.dcm is cut short, with 3 of 8 bytes of pixels; copy or export it again"


def parts(error):
    return error.problem, error.remedy, error.file


def test_the_sentence_leaves_out_what_is_absent():
    assert str(InputError(*PARTS)) == SENTENCE
    assert str(InputError("is empty", file="a.dcm")) == "a.dcm is empty"
    assert str(InputError("no such folder", "make it")) == "no such folder; make it"
    assert str(InputError("no such folder")) == "no such folder"


@given(st.text(min_size=1), st.text(), st.none() | st.text() | st.text(alphabet="ab./").map(Path), st.integers(0, 5))
def test_a_copy_has_the_same_parts(problem, remedy, file, protocol):
    error = InputError(problem, remedy, file=file)
    for other in (copy.copy(error), pickle.loads(pickle.dumps(error, protocol))):  # noqa: S301 - its own
        assert type(other) is InputError
        assert (parts(other), str(other)) == (parts(error), str(error))


def test_a_process_of_a_pool_hands_on_the_parts():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        error = pool.submit(refuse).exception()
    assert isinstance(error, InputError)
    assert parts(error) == PARTS


def refuse():
    raise InputError(*PARTS)


class Refusing(Dataset):
    """A dataset whose only sample is bad input, met inside a transform or not."""

    def __init__(self, transformed):
        self.transformed = transformed

    def __len__(self):
        return 1

    def __getitem__(self, index):
        try:
            refuse()
        except InputError as error:
            if self.transformed:
                raise RuntimeError("applying transform") from error
            raise


@pytest.mark.parametrize("transformed", [False, True])
@pytest.mark.parametrize("workers", [0, 1])
def test_the_error_is_found_behind_others_and_behind_a_worker_of_a_data_loader(transformed, workers):
    with pytest.raises(RuntimeError if transformed else InputError) as caught:
        next(iter(DataLoader(Refusing(transformed), num_workers=workers)))
    found = find_input_error(caught.value)
    assert str(found) == SENTENCE
    if not workers:
        assert parts(found) == PARTS


def test_no_other_error_is_found():
    assert find_input_error(None) is None
    assert find_input_error(RuntimeError("something else")) is None


@pytest.mark.parametrize(
    ("path", "named"), [("scan/a.dcm", None), ("scan", Path("a.dcm")), ("", PARTS[2]), ("sca", PARTS[2])]
)
def test_relative_to(path, named):
    assert parts(InputError(*PARTS).relative_to(path)) == (*PARTS[:2], named)
    assert parts(InputError(*PARTS[:2]).relative_to(path)) == (*PARTS[:2], None)
