import json
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from bundle.errors import InputError
from bundle.figures import confusion_figure, save_figure
from bundle.labels import CLASSES, LABELS, UNKNOWN
from bundle.metrics import classification_metrics, confusion, precision_recall_curves, roc_curves, summarize
from bundle.predictions import Predictions, read_history, write_history
from bundle.report import overlay_path
from bundle.report.overlays import find_overlays
from bundle.report.sections.curves import precision_recall_figure, roc_figure
from bundle.report.sections.training import history_figure

PNG = b"\x89PNG\r\n\x1a\n"


def predictions(task="binary"):
    """Four slices of two patients: a hit, a clear miss, a slight false alarm, one unknown."""
    p_any = np.array([0.9, 0.1, 0.6, 0.7])
    scores = {
        "binary": np.column_stack([1 - p_any, p_any]),
        "subtype": np.column_stack([1 - p_any, p_any, *np.zeros((4, 4))]),
        "multilabel": np.column_stack([p_any, *np.zeros((4, 4)), p_any]),
    }[task]
    labels = np.array(
        [[1, 0, 0, 0, 1, 1], [UNKNOWN] * 5 + [1], [0] * 6, [UNKNOWN] * 6],
        dtype=np.float32,
    )
    return Predictions(task, scores, labels, ("A", "A", "B", "B"), (2, 3, 4, 7))


@pytest.mark.parametrize("task", CLASSES)
def test_summary(task):
    data = predictions(task)
    found = summarize(data)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert (found["slices"], found["patients"], found["threshold"]) == (4, 2, 0.5)
    assert found["labels"]["any"] == {"positive": 2, "negative": 1, "unknown": 1, "positive_patients": 1}
    assert found["labels"]["epidural"] == {"positive": 1, "negative": 1, "unknown": 2, "positive_patients": 1}
    assert found["metrics"] == classification_metrics(data.probabilities, data.labels, task)
    assert found["confusion"]["any"] == [[0, 1], [1, 1]]
    assert found["mistakes"] == {"missed": 1, "false_alarms": 1}
    called = {"binary": "hemorrhage", "subtype": "epidural", "multilabel": "epidural"}[task]
    assert found["most_confident_mistakes"] == [
        {"line": 3, "truth": "bleed of unknown subtype", "predicted": "normal", "p_any": pytest.approx(0.1)},
        {"line": 4, "truth": "normal", "predicted": called, "p_any": pytest.approx(0.6)},
    ]


def test_summary_at_another_threshold():
    found = summarize(predictions(), threshold=0.65)
    assert found["mistakes"] == {"missed": 1, "false_alarms": 0}
    assert found["metrics"]["specificity"] == 1


def test_patients_are_not_counted_where_one_is_unknown():
    data = predictions()
    found = summarize(Predictions(data.task, data.probabilities, data.labels, ("A", "A", "", "B"), data.lines))
    assert found["patients"] is None and found["labels"]["any"]["positive_patients"] is None


def texts(figure):
    (axes,) = figure.axes
    return [text.get_text() for text in axes.texts], [
        text.get_text() for legend in figure.legends for text in legend.texts
    ]


def test_curves_say_their_area_and_counts():
    data = predictions("multilabel")
    roc = roc_curves(data.probabilities, data.labels, data.task)
    figure = roc_figure(roc, dict.fromkeys(roc, 0.75), {"any": 2, "epidural": 1, "subdural": 1})
    assert texts(figure)[1] == ["any 0.750 (2)", "epidural 0.750 (1)", "subdural 0.750 (1)"]
    lines = figure.axes[0].get_lines()
    np.testing.assert_array_equal(lines[1].get_ydata(), roc["any"].true_positive_rate)
    styles = {(line.get_color(), line.get_linestyle()) for line in lines}
    assert len(styles) == len(lines)
    curves = precision_recall_curves(data.probabilities, data.labels, data.task)
    figure = precision_recall_figure({"any": curves["any"]}, {"any": 0.5}, {"any": 2})
    assert texts(figure)[1] == ["any 0.500 (2)"]
    np.testing.assert_array_equal(figure.axes[0].get_lines()[0].get_xdata(), curves["any"].recall)


def test_confusion_shows_counts_and_shares():
    figure = confusion_figure(np.array([[3, 1], [0, 0]]), ("normal", "hemorrhage"))
    assert texts(figure)[0] == ["3\n75%", "1\n25%", "0", "0"]
    assert [tick.get_text() for tick in figure.axes[0].get_yticklabels()] == ["normal (4)", "hemorrhage (0)"]
    data = predictions("subtype")
    matrix = confusion(data.probabilities, data.labels, data.task)["classes"]
    assert len(texts(confusion_figure(matrix, CLASSES["subtype"]))[0]) == 36


def test_history_figure_draws_what_there_is():
    history = {"epoch": np.arange(1.0, 4), "train_loss": np.array([3.0, 2, 1]), "val_log_loss": np.ones(3)}
    losses, scores = history_figure(history).axes
    assert [line.get_label() for line in losses.get_lines()] == ["train_loss"]
    assert [text.get_text() for text in scores.texts] == ["not recorded"]
    _, scores = history_figure({**history, "val_auc_any": np.ones(3), "val_f1": np.zeros(3)}).axes
    assert [line.get_label() for line in scores.get_lines()] == ["auc_any", "f1"]


def test_figures_are_png_files_that_do_not_change(tmp_path):
    paths = [
        save_figure(confusion_figure(np.eye(2, dtype=int), ("normal", "hemorrhage")), tmp_path / name / "figure.png")
        for name in ("a", "b")
    ]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert paths[0].read_bytes().startswith(PNG)
    assert isinstance(confusion_figure(np.eye(2, dtype=int), ("a", "b")).canvas, FigureCanvasAgg)


def test_history_from_csv_and_json(tmp_path):
    (tmp_path / "history.csv").write_text("epoch,train_loss,val_f1\n1,0.5,\n2,0.25,0.75\n")
    (tmp_path / "history.json").write_text(
        '[{"epoch": 1, "train_loss": 0.5}, {"epoch": 2, "train_loss": 0.25, "val_f1": 0.75}]'
    )
    expected = {"epoch": [1, 2], "train_loss": [0.5, 0.25], "val_f1": [np.nan, 0.75]}
    write_history(tmp_path / "again.csv", read_history(tmp_path / "history.json"))
    for name in ("history.csv", "history.json", "again.csv"):
        found = read_history(tmp_path / name)
        assert list(found) == list(expected)
        for column, values in expected.items():
            np.testing.assert_array_equal(found[column], values)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("history.csv", "epoch,loss\n1,high\n", "could not convert string to float: 'high'"),
        ("history.csv", "step,loss\n1,2\n", "no column epoch, only step, loss; add it"),
        ("history.csv", "epoch\n1,2\n", "not the table of a training"),
        ("history.json", '{"epoch": 1}', "not the table of a training"),
        ("history.json", "epoch", "not the table of a training"),
    ],
)
def test_a_bad_history_is_named(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=message) as error:
        read_history(tmp_path / name)
    assert name in str(error.value)


def test_no_history():
    with pytest.raises(InputError, match=r"nowhere\.csv does not exist; name the history\.csv"):
        read_history("nowhere.csv")


def test_overlays_are_found_by_line(tmp_path):
    assert find_overlays(tmp_path, (2, 3)) == {}
    paths = [overlay_path(tmp_path, index) for index in (11, 0)]
    paths[0].parent.mkdir()
    for path in paths:
        path.write_bytes(PNG)
    assert find_overlays(tmp_path, range(2, 14)) == {2: paths[1], 13: paths[0]}
    with pytest.raises(InputError, match=r"line_000013\.png is not named by a slice's line"):
        find_overlays(tmp_path, (2, 3))
    paths[0].write_bytes(b"GIF89a")
    with pytest.raises(InputError, match=r"line_000013\.png is not a PNG image"):
        find_overlays(tmp_path, range(2, 14))
    (tmp_path / "gradcam" / "scan.png").write_bytes(PNG)
    with pytest.raises(InputError, match=r"scan\.png is not named"):
        find_overlays(tmp_path, range(2, 14))


def test_labels_are_described_in_order():
    assert LABELS[-1] == "any"
    data = predictions("subtype")
    labels = data.labels.copy()
    labels[1] = [1, 0, 0, 0, 1, 1]
    assert summarize(replace(data, labels=labels))["most_confident_mistakes"][0]["truth"] == "epidural, subdural"
