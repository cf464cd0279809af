"""That what is asserted in the forked process of a test fails the test, and that nothing of its network stays."""

import os
import socket

import pytest

from tests.node.own_network import in_own_network


def test_a_failure_is_told():
    @in_own_network
    def wrong(value):
        assert value == 2, "the value"

    with pytest.raises(pytest.fail.Exception, match=r"(?s)its own network.*AssertionError: the value"):
        wrong(1)


def test_a_death_is_a_failure():
    @in_own_network
    def dies():
        os.kill(os.getpid(), 9)

    with pytest.raises(pytest.fail.Exception):
        dies()


def test_a_skip_is_a_skip():
    @in_own_network
    def skips():
        pytest.skip("no reason")

    with pytest.raises(pytest.skip.Exception, match="no reason"):
        skips()


def test_the_network_is_the_tests_alone():
    before = socket.if_nameindex()

    @in_own_network
    def look():
        assert [name for _, name in socket.if_nameindex()] == ["lo"]

    look()
    assert socket.if_nameindex() == before
