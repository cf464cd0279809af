import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from monai.bundle import ConfigParser

NETWORK = ("network_def", "--meta_file", "configs/metadata.json", "--config_file", "configs/inference.json")


@pytest.fixture(scope="module")
def answer(trained):
    """An image and the logits of the trained network for it."""
    parser = ConfigParser()
    parser.read_config(trained / "configs" / "inference.json")
    network = parser.get_parsed_content("network_def")
    network.load_state_dict(torch.load(trained / "models" / "model.pt", weights_only=True))
    image = torch.rand(1, 3, 160, 160, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        return image, network.eval()(image)


def test_onnx_gives_the_same_logits(trained, command, answer):
    path = trained / "models" / "model.onnx"
    done = command(
        "monai.bundle", "onnx_export", *NETWORK, "--filepath", path, "--ckpt_file", "models/model.pt", cwd=trained
    )
    assert done.returncode == 0, done.stderr
    onnx.checker.check_model(onnx.load(str(path)))
    image, logits = answer
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (given,) = session.run(None, {session.get_inputs()[0].name: image.numpy()})
    np.testing.assert_allclose(given, logits.numpy(), rtol=1e-3, atol=1e-3)
