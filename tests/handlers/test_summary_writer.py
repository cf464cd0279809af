import copy
import os
from pathlib import Path

import pytest
from torch.utils.tensorboard import SummaryWriter

from bundle.errors import InputError
from bundle.handlers import open_run


def open_folder(*arguments, **more) -> Path:
    writer = open_run(*arguments, **more)
    writer.close()
    return Path(writer.log_dir)


def test_a_run_without_an_entry_leaves_no_folder(tmp_path):
    writer = open_run(tmp_path, "failed")
    writer.flush()
    assert not hasattr(copy.copy(writer), "get_logdir")
    writer.close()
    assert not list(tmp_path.iterdir())
    writer = open_run(tmp_path, "begun")
    writer.add_scalar("loss", 1, 1)
    writer.close()
    assert [path.name for path in tmp_path.iterdir()] == ["begun"]


def write_log(folder, seconds):
    folder.mkdir(parents=True)
    path = folder / f"events.out.tfevents.{seconds}"
    path.write_bytes(bytes(1000))
    os.utime(path, (seconds, seconds))


def test_a_new_run_is_named_by_the_user_or_by_the_time(tmp_path):
    assert open_folder(tmp_path, "baseline") == tmp_path / "baseline"
    assert open_folder(tmp_path, 7) == tmp_path / "7"
    write_log(tmp_path / "old", 1)
    new = open_folder(tmp_path)
    assert new.parent == tmp_path
    assert new.name.startswith("20")


def test_a_run_that_goes_on_is_the_last_one_or_the_named_one(tmp_path):
    assert open_folder(tmp_path / "absent", new=False).parent == tmp_path / "absent"
    write_log(tmp_path / "b", 2)
    write_log(tmp_path / "deeper" / "c", 3)
    write_log(tmp_path / "d", 1)
    SummaryWriter(tmp_path / "failed before it started").close()
    assert open_folder(tmp_path, new=False) == tmp_path / "deeper" / "c"
    assert open_folder(tmp_path, "d", new=False) == tmp_path / "d"


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"file.* cannot be written to"):
        open_run(tmp_path / "file")
