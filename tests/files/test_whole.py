import os
import signal
import subprocess
import sys
import textwrap

import pytest

from bundle.files import written_whole


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("earlier")
    return path


def test_the_earlier_file_is_there_until_the_new_one_is_whole(path):
    with written_whole(path) as part:
        assert part.parent == path.parent
        part.write_text("new")
        assert path.read_text() == "earlier"
    assert path.read_text() == "new"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError, OSError, KeyboardInterrupt])
def test_a_failure_leaves_the_earlier_file_and_nothing_else(path, error):
    with pytest.raises(error), written_whole(path) as part:
        part.write_text("ne")
        raise error
    assert path.read_text() == "earlier"
    assert list(path.parent.iterdir()) == [path]


def test_a_block_that_writes_nothing_is_an_error(path):
    with pytest.raises(FileNotFoundError), written_whole(path):
        pass
    assert path.read_text() == "earlier"


def test_two_writers_of_one_file_do_not_meet(path):
    with written_whole(path) as first, written_whole(str(path)) as second:
        first.write_text("first")
        second.write_text("second, longer")
    assert path.read_text() == "first", "the writer that ended last"


def test_a_kill_while_writing_leaves_the_earlier_file(path):
    program = textwrap.dedent(
        f"""
        import os, signal
        from bundle.files import written_whole
        with written_whole({str(path)!r}) as part:
            part.write_text("ne")
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -signal.SIGKILL
    assert path.read_text() == "earlier"
    (left,) = (file for file in path.parent.iterdir() if file != path)
    assert left.name.startswith(".table.csv.") and left.suffix == ".part", "which no search for tables finds"


def test_a_file_of_any_umask(path):
    path.unlink()
    before = os.umask(0o027)
    try:
        with written_whole(path) as part:
            part.write_text("new")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o640
