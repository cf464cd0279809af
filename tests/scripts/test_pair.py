import json

import numpy as np
import pytest
import torch

from bundle.calibration import apply_bias_corrected, pooled
from bundle.errors import InputError
from bundle.heads import HeadCalibration, Heads, read_heads, write_heads
from bundle.networks import DoubleReading
from bundle.predictions import Predictions, write_predictions
from scripts.pair import main
from tests.networks.tiny_classifier import tiny_classifier
from tests.predictions.views import VIEW

IMAGES = torch.rand(40, 3, 32, 32, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def readers(tmp_path):
    torch.manual_seed(0)
    readers = [tiny_classifier(num_classes=6, pyramid_channels=4).eval() for _ in range(2)]
    for name, network in zip(("model", "edge"), readers, strict=True):
        torch.save(network.state_dict(), tmp_path / f"{name}.pt")
    return readers


@pytest.fixture
def predicted(readers, tmp_path):
    labels = np.zeros((40, 6))
    labels[np.arange(20), np.arange(20) % 5] = labels[:20, 5] = 1
    rows = [{"image": f"{index}.png", "patient": f"p{index}", "label": label} for index, label in enumerate(labels)]
    probabilities = []
    for name, network in zip(("model", "edge"), readers, strict=True):
        with torch.no_grad():
            probabilities.append((20 * network(IMAGES)).softmax(1).numpy())
        write_predictions(tmp_path / f"{name}.csv", Predictions.of_rows(rows, probabilities[-1], "subtype"))
    return probabilities


def run(folder, second="edge.pt"):
    return main(*(str(folder / name) for name in ("model.pt", second, "model.csv", "edge.csv")))


def test_two_networks_answer_as_one_that_is_calibrated(readers, predicted, tmp_path):
    said = run(tmp_path)
    content = json.loads((tmp_path / "model.second.json").read_text())
    temperature, shift = content["temperature"], content["shift"]
    assert f"logits divided by {temperature:.3f}, normal shifted by {shift:.3f}" in said and "cross-fitted" in said
    together = apply_bias_corrected(pooled(*predicted, "subtype"), "subtype", temperature, shift)
    assert together[:, 1:].sum(1).mean() == pytest.approx(0.5, abs=0.01), "as many as there are"
    both = DoubleReading(*readers, temperature, shift)
    with torch.no_grad():
        wanted = sum(network(IMAGES) for network in readers) / temperature
        wanted[:, 0] += shift
        torch.testing.assert_close(both.eval()(IMAGES), wanted)


def test_calibrations_of_heads_are_kept_and_those_of_other_weights_are_not(predicted, tmp_path):
    heads = Heads("subtype", VIEW, HeadCalibration(1.3, 1.0, 0.27, 0.14, 30, 25), None)
    checkpoint = tmp_path / "model.pt"
    write_heads(checkpoint, heads)
    for _ in range(2):
        assert "kept" in run(tmp_path)
        assert read_heads(checkpoint, "subtype", VIEW) == heads
    torch.save(tiny_classifier(num_classes=6, pyramid_channels=4).state_dict(), checkpoint)
    assert "no calibrations of heads are kept" in run(tmp_path)
    with pytest.raises(InputError, match="is of another checkpoint"):
        read_heads(checkpoint, "subtype", VIEW)


def test_both_are_needed_for_the_same_slices_and_in_one_folder(predicted, tmp_path):
    lines = (tmp_path / "edge.csv").read_text().splitlines(keepends=True)
    (tmp_path / "edge.csv").write_text("".join([lines[0], *reversed(lines[1:])]))
    with pytest.raises(InputError, match=r"edge\.csv.*is of other slices than .*model\.csv"):
        run(tmp_path)
    with pytest.raises(InputError, match="is not in the folder of"):
        run(tmp_path, second="other/edge.pt")
    assert not (tmp_path / "model.second.json").exists()


def test_labels_are_needed(readers, tmp_path):
    for name in ("model", "edge"):
        write_predictions(
            tmp_path / f"{name}.csv", Predictions.of_rows([{"image": "a.png"}], np.full((1, 6), 1 / 6), "subtype")
        )
    with pytest.raises(InputError, match="no slice with a known label"):
        run(tmp_path)


@pytest.mark.parametrize("reader", ["model", "edge"])
def test_predictions_of_another_network_pair_nothing(predicted, tmp_path, reader):
    folder = tmp_path / reader
    folder.mkdir()
    (tmp_path / f"{reader}.csv").rename(folder / "validation.csv")
    made = {"checkpoint": "model.pt and edge.pt", "checkpoint SHA-256": "0"}
    (folder / "report.json").write_text(json.dumps({"configuration": made}))
    files = {name: str(tmp_path / f"{name}.csv") for name in ("model", "edge")} | {reader: f"{folder}/validation.csv"}
    with pytest.raises(InputError, match=rf"{reader}/validation\.csv was made by other weights"):
        main(str(tmp_path / "model.pt"), str(tmp_path / "edge.pt"), *files.values())
    assert not (tmp_path / "model.second.json").exists()
