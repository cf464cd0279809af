import numpy as np
import pytest
import torch

from bundle.calibration import apply_bias_corrected, fit_bias_corrected
from bundle.errors import InputError
from bundle.files.weights import read_weights, weights_task
from bundle.networks import for_task
from bundle.predictions import Predictions, write_predictions
from scripts.weights import main
from tests.networks.tiny_classifier import tiny_classifier


@pytest.fixture
def checkpoint(tmp_path):
    torch.manual_seed(0)
    network = tiny_classifier(num_classes=6, pyramid_channels=8).eval()
    network.head[-1].weight.data.mul_(20)
    torch.save(network.state_dict(), tmp_path / "trained.pt")
    return network


def test_the_probabilities_are_calibrated_by_the_weights(checkpoint, tmp_path):
    generator = np.random.default_rng(0)
    images = torch.rand(40, 3, 64, 64)
    with torch.no_grad():
        probabilities = checkpoint(images).softmax(1).numpy()
    labels = np.zeros((40, 6))
    labels[np.arange(20), generator.integers(0, 5, 20)] = labels[:20, 5] = 1
    rows = [{"image": f"{index}.png", "label": label} for index, label in enumerate(labels)]
    write_predictions(tmp_path / "validation.csv", Predictions.of_rows(rows, probabilities, "subtype"))
    said = main(str(tmp_path / "trained.pt"), str(tmp_path / "validation.csv"), str(tmp_path / "model.pt"))
    temperature, shift = fit_bias_corrected(probabilities, labels, "subtype")
    assert temperature != 1 and f"logits divided by {temperature:.3f}, normal shifted by {shift:.3f}" in said
    checkpoint.load_state_dict(torch.load(tmp_path / "model.pt", weights_only=True))
    with torch.no_grad():
        calibrated = checkpoint(images).softmax(1).numpy()
    np.testing.assert_allclose(
        calibrated, apply_bias_corrected(probabilities, "subtype", temperature, shift), atol=5e-3
    )
    assert "cross-fitted: each of five parts of the patients is calibrated on the other four" in said
    assert calibrated[:, 1:].sum(1).mean() == pytest.approx(0.5, abs=0.01), "as many as there are"


def test_a_prevalence_of_use_shifts_what_the_weights_say(checkpoint, tmp_path):
    images = torch.rand(40, 3, 64, 64)
    with torch.no_grad():
        probabilities = checkpoint(images).softmax(1).numpy()
    labels = np.zeros((40, 6))
    labels[:20, [0, 5]] = 1
    rows = [{"image": f"{index}.png", "label": label} for index, label in enumerate(labels)]
    write_predictions(tmp_path / "validation.csv", Predictions.of_rows(rows, probabilities, "subtype"))
    biases = []
    for prevalence in (None, 0.2):
        said = main(
            str(tmp_path / "trained.pt"), str(tmp_path / "validation.csv"), str(tmp_path / "model.pt"), prevalence
        )
        biases.append(torch.load(tmp_path / "model.pt", weights_only=True)["head.6.bias"].double())
    assert "where a share of 0.2 has a hemorrhage" in said
    moved = biases[1] - biases[0]
    assert moved[0].item() == pytest.approx(np.log(4), abs=0.01) and moved[1:].abs().max() < 0.01


def test_without_predictions_only_the_size_changes(checkpoint, tmp_path):
    assert "divided" not in main(str(tmp_path / "trained.pt"), output=str(tmp_path / "model.pt"))
    weights = torch.load(tmp_path / "model.pt", weights_only=True)
    assert weights["head.6.weight"].dtype == torch.float16
    torch.testing.assert_close(weights["head.6.weight"].float(), checkpoint.head[-1].weight.data, atol=1e-2, rtol=0)


def test_no_temperature_where_a_branch_adds_to_the_logits(checkpoint, tmp_path):
    torch.save({**checkpoint.state_dict(), "clinical.layer.weight": torch.zeros(1)}, tmp_path / "trained.pt")
    rows = [{"image": f"{label}.png", "label": [label, 0, 0, 0, 0, label]} for label in (0, 1)]
    write_predictions(
        tmp_path / "validation.csv", Predictions.of_rows(rows, [[0.5, 0.1, 0.1, 0.1, 0.1, 0.1]] * 2, "subtype")
    )
    with pytest.raises(InputError, match="no clinical features"):
        main(str(tmp_path / "trained.pt"), str(tmp_path / "validation.csv"), str(tmp_path / "model.pt"))
    assert not (tmp_path / "model.pt").exists()


def test_the_task_stays_with_the_weights_and_is_that_of_the_predictions(checkpoint, tmp_path):
    torch.save(for_task(checkpoint, "subtype").state_dict(), tmp_path / "trained.pt")
    labels = np.zeros((20, 6))
    labels[::2, [0, 5]] = 1
    rows = [{"image": f"{index}.png", "label": label} for index, label in enumerate(labels)]
    for task in ("subtype", "multilabel"):
        write_predictions(tmp_path / f"{task}.csv", Predictions.of_rows(rows, np.full((20, 6), 1 / 6), task))
    for predictions in (None, str(tmp_path / "subtype.csv")):
        main(str(tmp_path / "trained.pt"), predictions, str(tmp_path / "model.pt"))
        assert weights_task(read_weights(tmp_path / "model.pt")) == "subtype"
    with pytest.raises(InputError, match=r"multilabel\.csv is of the task multilabel, and .* of the task subtype"):
        main(str(tmp_path / "trained.pt"), str(tmp_path / "multilabel.csv"), str(tmp_path / "model.pt"))


def test_smoothed_predictions_calibrate_nothing(checkpoint, tmp_path):
    rows = [{"image": f"{label}.png", "label": [label, 0, 0, 0, 0, label]} for label in (0, 1)]
    write_predictions(
        tmp_path / "validation.csv", Predictions.of_rows(rows, [[0.5, 0.1, 0.1, 0.1, 0.1, 0.1]] * 2, "subtype")
    )
    (tmp_path / "report.json").write_text('{"configuration": {"slice smoothing (mm)": 4.0}}')
    with pytest.raises(InputError, match="smoothed over neighbouring slices"):
        main(str(tmp_path / "trained.pt"), str(tmp_path / "validation.csv"), str(tmp_path / "model.pt"))
    assert not (tmp_path / "model.pt").exists()
