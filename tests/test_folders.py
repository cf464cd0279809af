import os

from torch.utils.tensorboard import SummaryWriter

from bundle.folders import run_folder


def write_log(folder, seconds):
    folder.mkdir(parents=True)
    path = folder / f"events.out.tfevents.{seconds}"
    path.write_bytes(bytes(1000))
    os.utime(path, (seconds, seconds))


def test_a_new_run_is_named_by_the_user_or_by_the_time(tmp_path):
    assert run_folder(tmp_path, "baseline") == tmp_path / "baseline"
    assert run_folder(tmp_path, 7) == tmp_path / "7"
    write_log(tmp_path / "baseline", 1)
    new = run_folder(tmp_path)
    assert new.parent == tmp_path
    assert not new.exists()
    assert new.name.startswith("20")


def test_a_run_that_goes_on_is_the_last_one_or_the_named_one(tmp_path):
    assert run_folder(tmp_path / "absent", new=False).parent == tmp_path / "absent"
    write_log(tmp_path / "b", 2)
    write_log(tmp_path / "deeper" / "c", 3)
    write_log(tmp_path / "d", 1)
    SummaryWriter(tmp_path / "failed before it started").close()
    assert run_folder(tmp_path, new=False) == tmp_path / "deeper" / "c"
    assert run_folder(tmp_path, "d", new=False) == tmp_path / "d"
