import json
import subprocess
import sys
import textwrap

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from monai.bundle import ConfigParser, ConfigWorkflow

META = ("--meta_file", "configs/metadata.json")
NETWORK = ("network_def", *META, "--config_file", "configs/inference.json")


def test_metadata_fits_the_schema_offline(workspace, command):
    schema = ("--filepath", "configs/meta_schema_20240725.json")
    done = command("monai.bundle", "verify_metadata", *META, *schema, cwd=workspace)
    assert done.returncode == 0, done.stderr
    assert "verified with no error" in done.stdout + done.stderr


def test_metadata_says_what_the_configs_do(root):
    metadata = json.loads((root / "configs" / "metadata.json").read_text())
    assert metadata == json.loads((root / "metadata.json").read_text())
    parser = ConfigParser()
    parser.read_config(root / "configs" / "inference.json")
    image, pred = (
        metadata["network_data_format"][side][name] for side, name in (("inputs", "image"), ("outputs", "pred"))
    )
    assert image["spatial_shape"] == [parser["image_size"]] * 2
    assert image["num_channels"] == len(parser["windows"]) == len(image["channel_def"])
    assert tuple(pred["channel_def"].values()) == parser.get_parsed_content("class_names")
    assert pred["num_channels"] == len(pred["channel_def"])
    locked = dict(line.split("==") for line in (root / "requirements.txt").read_text().split() if "==" in line)
    for package, key in (("monai", "monai_version"), ("torch", "pytorch_version"), ("numpy", "numpy_version")):
        assert metadata[key] == locked[package]
    for package, version in metadata["required_packages_version"].items():
        assert locked[package] == version
    assert metadata["version"] in metadata["changelog"]


def test_training_and_inference_preprocess_alike(root):
    train, inference = (json.loads((root / "configs" / f"{name}.json").read_text()) for name in ("train", "inference"))
    cached = [each for each in train["preprocessing_transforms"] if each["_target_"] != "SelectItemsd"]
    assert inference["preprocessing"]["transforms"][:-1] == [*cached, train["to_unit_range"]]
    for key in ("task", "image_size", "windows", "mask", "mask_margin", "crop_margin", "brain_mask_network"):
        assert inference[key] == train[key], key
    trained = json.loads((root / "configs" / "train_brain_mask.json").read_text())
    assert train["brain_mask_network"] == trained["network_def"], "the mask network is the one its weights are of"


def test_network_takes_and_gives_what_the_metadata_says(workspace, command):
    done = command("monai.bundle", "verify_net_in_out", *NETWORK, "--device", "cpu", cwd=workspace)
    assert done.returncode == 0, done.stderr
    assert "verified with no error" in done.stdout + done.stderr


@pytest.fixture(scope="module")
def answer(trained):
    """An image and the logits of the trained network for it."""
    parser = ConfigParser()
    parser.read_config(trained / "configs" / "inference.json")
    network = parser.get_parsed_content("network_def")
    network.load_state_dict(torch.load(trained / "models" / "model.pt", weights_only=True))
    image = torch.rand(1, 3, 256, 256, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        return image, network.eval()(image)


CHECKPOINT = ("--ckpt_file", "models/model.pt")


def test_torchscript_gives_the_same_logits(trained, command, answer):
    path = trained / "models" / "model.ts"
    done = command("monai.bundle", "ckpt_export", *NETWORK, "--filepath", path, *CHECKPOINT, cwd=trained)
    assert done.returncode == 0, done.stderr
    image, logits = answer
    torch.testing.assert_close(torch.jit.load(str(path))(image), logits, rtol=1e-4, atol=1e-4)


def test_onnx_gives_the_same_logits(trained, command, answer):
    path = trained / "models" / "model.onnx"
    done = command("monai.bundle", "onnx_export", *NETWORK, "--filepath", path, *CHECKPOINT, cwd=trained)
    assert done.returncode == 0, done.stderr
    onnx.checker.check_model(onnx.load(str(path)))
    image, logits = answer
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (given,) = session.run(None, {session.get_inputs()[0].name: image.numpy()})
    np.testing.assert_allclose(given, logits.numpy(), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    ("files", "kind"),
    [(["train"], "train"), (["train", "evaluate"], "train"), (["inference"], "infer")],
)
def test_workflows_have_every_property(trained, files, kind):
    workflow = ConfigWorkflow(
        [str(trained / "configs" / f"{name}.json") for name in files], workflow_type=kind, logging_file=False,
        cache="none", num_workers=0,
    )  # fmt: skip
    workflow.initialize()
    assert workflow.check_properties() == []


def test_load_works_from_another_folder(trained, tmp_path):
    program = textwrap.dedent(
        f"""
        import monai.bundle, torch
        network = monai.bundle.load(name={trained.name!r}, bundle_dir={str(trained.parent)!r}, source="monaihosting")
        weights = torch.load({str(trained / "models" / "model.pt")!r}, weights_only=True)
        assert type(network).__name__ == "HemorrhageClassifier", network
        assert all(torch.equal(value, weights[name]) for name, value in network.state_dict().items())
        print("loaded")
        """
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.stdout.strip().endswith("loaded"), done.stdout + done.stderr


def test_training_runs_from_another_folder(trained, command, tmp_path):
    done = command(
        "monai.bundle", "run", "training", "--config_file", trained / "configs" / "train.json", "--image_size", 64,
        "--max_epochs", 1, "--ckpt_dir", tmp_path / "models", "--output_dir", tmp_path / "output", cwd=tmp_path,
        PYTHONPATH="",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "models" / "model.pt").is_file()
