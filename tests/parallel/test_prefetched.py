import threading

import pytest

from bundle.parallel import prefetched


def test_items_come_in_their_order():
    assert list(prefetched(range(5))) == [0, 1, 2, 3, 4]
    assert list(prefetched([None, None])) == [None, None]
    assert list(prefetched([])) == []


def test_the_next_is_made_while_the_last_is_worked_on():
    asked = threading.Event()

    def items():
        yield 1
        asked.set()
        yield 2

    coming = prefetched(items())
    assert next(coming) == 1
    assert asked.wait(5)
    assert list(coming) == [2]


def test_an_error_is_raised_in_its_place():
    def items():
        yield 1
        raise ValueError("no second")

    coming = prefetched(items())
    assert next(coming) == 1
    with pytest.raises(ValueError, match="no second"):
        next(coming)
