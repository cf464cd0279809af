import json

import pytest

from tests.bundle.conftest import TINY

TRAIN = ("monai.bundle", "run", "training", "--config_file", "configs/train.json", *TINY)
INFERENCE = ("monai.bundle", "run", "--config_file", "configs/inference.json")


def one_sentence(done, *words):
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    (sentence,) = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    for word in words:
        assert str(word) in sentence
    return sentence


def test_missing_dataset(workspace, command, tmp_path):
    one_sentence(command(*TRAIN, "--dataset_dir", tmp_path / "absent", cwd=workspace), "absent", "prepare")


def test_an_image_listed_but_absent(workspace, phantom, command, tmp_path):
    datalist = json.loads((phantom / "datalist.json").read_text())
    datalist["training"][0]["image"] = "stage_2_train/ID_absent.dcm"
    (tmp_path / "datalist.json").write_text(json.dumps(datalist))
    done = command(*TRAIN, "--datalist", tmp_path / "datalist.json", cwd=workspace)
    one_sentence(done, "ID_absent.dcm")


def test_unknown_key(workspace, command):
    one_sentence(command(*TRAIN, "--lerning_rate", "0.1", cwd=workspace), "lerning_rate", "learning_rate")


def test_unwritable_output(trained, command, tmp_path):
    (tmp_path / "file").write_text("")
    done = command(*TRAIN, "--ckpt_dir", tmp_path / "file" / "models", cwd=trained)
    one_sentence(done, "file/models", "cannot be written to")
    done = command(*TRAIN, "--output_dir", tmp_path / "file" / "output", cwd=trained)
    one_sentence(done, "file/output", "cannot be written to")


def test_checkpoint_of_another_network(trained, command, tmp_path):
    done = command(
        *INFERENCE, "--input", trained / "data/phantom/stage_2_train", "--image_size", "64",
        "--checkpoint", trained / "models" / "brain_mask.pt", "--output_dir", tmp_path, cwd=trained,
    )  # fmt: skip
    one_sentence(done, "brain_mask.pt", "does not fit")


def test_missing_checkpoint(workspace, phantom, command, tmp_path):
    done = command(*INFERENCE, "--input", phantom, "--checkpoint", tmp_path / "no.pt", cwd=workspace)
    one_sentence(done, "no.pt", "does not exist")


def test_missing_input(workspace, command, tmp_path):
    one_sentence(command(*INFERENCE, "--input", tmp_path / "no", cwd=workspace), tmp_path / "no")


def test_missing_brain_mask_weights(workspace, phantom, command, tmp_path):
    for name in ("configs", "bundle", "data"):
        (tmp_path / name).symlink_to(workspace / name)
    done = command(*TRAIN, "--bundle_root", tmp_path, cwd=workspace)
    one_sentence(done, "brain_mask.pt")


@pytest.mark.parametrize("key", ["task", "cache"])
def test_a_wrong_word_names_the_right_ones(workspace, phantom, command, key):
    done = command(*TRAIN, f"--{key}", "nonsense", cwd=workspace)
    one_sentence(done, "nonsense")
