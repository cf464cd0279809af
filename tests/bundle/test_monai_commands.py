import re
import shlex

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from monai.bundle import ConfigParser


@pytest.fixture(scope="module")
def answer(trained):
    """Five images and the logits of the trained network for them."""
    parser = ConfigParser()
    parser.read_config(trained / "configs" / "inference.json")
    network = parser.get_parsed_content("network_def")
    network.load_state_dict(torch.load(trained / "models" / "model.pt", weights_only=True))
    images = torch.rand(5, 3, 160, 160, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        return images, network.eval()(images)


def test_onnx_gives_the_same_logits_for_batches_of_any_size(root, trained, command, answer):
    path = trained / "models" / "model.onnx"
    (line,) = re.findall(r"^python -m (monai.bundle onnx_export .+)$", (root / "README.md").read_text(), re.MULTILINE)
    done = command(*shlex.split(line), cwd=trained)
    assert done.returncode == 0, done.stderr
    onnx.checker.check_model(onnx.load(str(path)))
    images, logits = answer
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    for count in (1, 5):
        (given,) = session.run(["logits"], {"image": images[:count].numpy()})
        np.testing.assert_allclose(given, logits[:count].numpy(), rtol=1e-3, atol=1e-3)
