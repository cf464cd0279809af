import pytest
from ignite.engine import Engine

from bundle.handlers.announced import announce, announced


def test_a_handler_is_found_by_its_name_on_its_engine_alone():
    one, other = (Engine(lambda engine, batch: None) for _ in range(2))
    first, second = object(), object()
    announce(one, "first", first)
    announce(one, "second", second)
    announce(one, "first", first)
    one.run([0], max_epochs=2)
    assert announced(one) == {"first": first, "second": second}
    assert announced(other) == {}
    with pytest.raises(ValueError, match="two handlers 'first'"):
        announce(one, "first", second)
