import pytest

from bundle.errors import InputError
from bundle.parallel.journal import Journal, current_journal, keep_results


@pytest.fixture
def path(tmp_path):
    with pytest.raises(RuntimeError), keep_results(tmp_path / "j", "1") as journal:
        journal.append("a", {"x": [1, None, 0.1]})
        journal.append("b", "\u00fc")
        raise RuntimeError
    return tmp_path / "j"


def left(path, version="1"):
    journal = Journal(path, version)
    found = {key: journal[key] for key in "abc" if key in journal}
    assert len(journal) == len(found)
    journal.close()
    return found


def test_what_an_interrupted_run_kept_is_found_again(path):
    assert left(path) == left(path) == {"a": {"x": [1, None, 0.1]}, "b": "\u00fc"}


def test_the_file_is_removed_at_the_end_and_nobody_keeps_outside(path):
    with keep_results(path, "1") as journal:
        assert current_journal() is journal
    assert not path.exists()
    assert current_journal() is None


def test_a_run_that_fails_before_anything_was_kept_leaves_no_file(tmp_path):
    with pytest.raises(RuntimeError), keep_results(tmp_path / "j", "1"):
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_wherever_the_file_is_cut_off_whole_lines_are_found_and_more_can_follow(path):
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    for size in range(len(whole) + 1):
        path.write_bytes(whole[:size])
        kept = sum(len(b"".join(lines[: number + 1])) <= size for number in range(1, len(lines)))
        journal = Journal(path, "1")
        assert len(journal) == kept
        journal.append("c", 1)
        journal.close()
        assert left(path).keys() == {*"ab"[:kept], "c"}


def test_what_another_version_or_program_wrote_is_dropped(path):
    assert left(path, "2") == {}
    path.write_bytes(b"\xff\xfe no journal\n")
    assert left(path) == {}


def test_a_value_that_json_would_change_is_an_error(path):
    with keep_results(path, "1") as journal, pytest.raises(TypeError, match=r"a gave \(1, 2\)"):
        journal.append("a", (1, 2))


def test_a_folder_that_does_not_exist_is_one_sentence(tmp_path):
    with pytest.raises(InputError, match=r"cannot be written .*--output"):
        Journal(tmp_path / "none" / "j", "1")


def test_nothing_goes_on_where_nothing_was_kept(tmp_path):
    with pytest.raises(KeyboardInterrupt) as interrupted, keep_results(tmp_path / "j", "1"):
        raise KeyboardInterrupt
    assert not hasattr(interrupted.value, "__notes__")
