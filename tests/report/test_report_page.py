import base64
import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from bundle.command import run_command
from bundle.errors import InputError
from bundle.figures import confusion_figure, save_figure
from bundle.labels import CLASSES, LABELS
from bundle.predictions import Predictions, write_predictions
from bundle.report import overlay_path, write_report
from scripts.report import main

VOID = {"meta", "img", "br"}


class Page(HTMLParser):
    """Checks that tags nest, and collects the words, the pictures and every address."""

    def __init__(self, text):
        super().__init__()
        self.open, self.words, self.images, self.addresses, self.tags = [], [], [], [], set()
        self.feed(text)
        assert self.open == []
        self.text = re.sub(r"\s+", " ", " ".join(self.words))

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attributes:
            if tag == "img" and name == "src":
                self.images.append(base64.b64decode(value.removeprefix("data:image/png;base64,"), validate=True))
            elif name in ("src", "href", "srcset", "action", "data"):
                self.addresses.append(value)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)


def evaluation(folder, task="subtype", positives=True, n=24):
    generator = np.random.default_rng(0)
    rows = [
        {"image": f"secret-{k}.dcm", "patient": f"ID_{k // 4:08x}", "study": f"1.2.{k}", "label": [0] * 6}
        for k in range(n)
    ]
    if positives:
        for k, row in enumerate(rows[: n // 2]):
            row["label"] = [int(j == k % 5) for j in range(5)] + [1]
        rows[0]["label"] = [None] * 5 + [1]
    scores = generator.random((n, len(CLASSES[task])))
    if task != "multilabel":
        scores /= scores.sum(axis=1, keepdims=True)
    write_predictions(folder / "predictions.csv", Predictions.of_rows(rows, scores, task))
    return folder


@pytest.mark.parametrize(("task", "figures"), [("subtype", 6), ("binary", 5), ("multilabel", 5)])
def test_page_stands_alone_and_names_nobody(tmp_path, task, figures):
    folder = evaluation(tmp_path, task)
    text = write_report(folder, "test split", {"image_size": [224, 224], "windows": [[40.0, 80.0]]}).read_text()
    page = Page(text)
    assert page.addresses == [] and page.tags.isdisjoint({"script", "link", "iframe"})
    assert "http" not in text and "url(" not in text and "@import" not in text
    assert sorted(page.images) == sorted(path.read_bytes() for path in (folder / "figures").iterdir())
    assert len(page.images) == figures
    assert all(image.startswith(b"\x89PNG") for image in page.images)
    for document in (text, (folder / "report.json").read_text()):
        assert not any(word in document for word in ("ID_0", "secret", "1.2."))
    for sentence in (
        "test split · slices: 24 · patients: 6 · task: " + task,
        "not a medical device",
        "This evaluation has no overlays.",
        "There is no history of the training.",
        "224, 224",
        "(40, 80)",
    ):
        assert sentence in page.text


def test_numbers_of_the_page_are_those_of_report_json(tmp_path):
    page = Page(write_report(evaluation(tmp_path, n=80)).read_text())
    found = json.loads((tmp_path / "report.json").read_text())
    for name in ("accuracy", "precision", "recall", "f1", "auc_any", "auc_macro", "log_loss", "f1_subdural"):
        assert f"{found['metrics'][name]:.3f}" in page.text
    for name, title in (("accuracy", "Accuracy"), ("precision", "Precision"), ("auc_any", "AUC")):
        low, high = found["intervals"]["metrics"][name]
        assert low <= found["metrics"][name] <= high
        assert f"{title} {found['metrics'][name]:.3f} {low:.3f}–{high:.3f}" in page.text
    wrong = found["mistakes"]
    assert f"False negatives: {wrong['missed']}; false positives: {wrong['false_alarms']}." in page.text
    assert "All metrics could be computed" in page.text


def test_one_class_and_nothing_else(tmp_path):
    page = Page(write_report(evaluation(tmp_path, positives=False)).read_text())
    for name in LABELS:
        assert f"{name}: no positive slice in this split" in page.text
    assert "There are no ROC and precision-recall curves" in page.text
    assert "Network and input were not recorded." in page.text
    assert "Data set without a name" in page.text
    assert {path.stem for path in (tmp_path / "figures").iterdir()} == {
        "confusion_any",
        "confusion_classes",
        "reliability",
    }


def test_overlays_have_captions_and_are_limited(tmp_path):
    evaluation(tmp_path, "binary", n=60)
    picture = save_figure(confusion_figure(np.eye(2, dtype=int), ("a", "b")), tmp_path / "a.png").read_bytes()
    for index in range(40):
        path = overlay_path(tmp_path, index)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(picture)
    page = Page(write_report(tmp_path).read_text())
    found = json.loads((tmp_path / "report.json").read_text())
    mistaken = {mistake["line"] for mistake in found["most_confident_mistakes"]}
    others = len(set(range(2, 42)) - mistaken)
    assert 0 < others < 40 and len(mistaken) == 20, "20 of 40 pictures are at most of mistakes"
    shown_mistakes = 40 - others
    assert page.images.count(picture) == shown_mistakes + min(others, 24)
    assert f"The first 24 of {others} overlays are shown." in page.text
    assert "Truth: bleed of unknown subtype Most probable: " in page.text
    assert "Truth: intraparenchymal Most probable: " in page.text


def test_text_is_escaped(tmp_path):
    page = Page(write_report(evaluation(tmp_path, "binary"), "<script>alert(1)</script>", {"<b>": "<i>"}).read_text())
    assert "script" not in page.tags and "b" not in page.tags and "i" not in page.tags
    assert "<script>alert(1)</script>" in page.text


def test_a_rebuilt_report_keeps_what_the_first_was_told(tmp_path):
    (tmp_path / "evaluation").mkdir()
    folder = evaluation(tmp_path / "evaluation", "binary", positives=False)
    (tmp_path / "training.csv").write_text("epoch,train_loss\n1,0.5\n2,0.25\n")
    first = write_report(folder, "kept name", {"network": "kept network"}, tmp_path / "training.csv", threshold=0.75)
    before = first.read_bytes(), (folder / "report.json").read_bytes()
    (tmp_path / "training.csv").unlink()
    assert main(str(folder)) == str(first)
    assert (first.read_bytes(), (folder / "report.json").read_bytes()) == before
    page = Page(first.read_text())
    assert "kept network" in page.text and "P(any) ≥ 0.75" in page.text
    assert "Loss and validation metrics" in page.text
    main(str(folder), dataset="other name")
    assert "other name" in first.read_text()


def test_figures_of_an_earlier_report_do_not_stay(tmp_path):
    write_report(evaluation(tmp_path, "binary"))
    assert (tmp_path / "figures" / "roc.png").is_file()
    write_report(evaluation(tmp_path, "binary", positives=False))
    assert not (tmp_path / "figures" / "roc.png").exists()


def test_bad_report_json_is_named(tmp_path):
    evaluation(tmp_path)
    for text, message in (("{", "is not JSON"), ("[]", "holds a list instead of an object")):
        (tmp_path / "report.json").write_text(text)
        with pytest.raises(InputError, match=rf"report\.json {message}.*remove it"):
            write_report(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    evaluation(tmp_path)
    (tmp_path / "figures").write_text("a file in the way")
    with pytest.raises(InputError, match=r"cannot be written to .*; make the folder writable"):
        write_report(tmp_path)


def test_the_command_ends_bad_input_with_one_sentence(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["report", str(tmp_path / "nowhere")])
    with pytest.raises(SystemExit) as end:
        run_command(main)
    assert end.value.code == 1
    message = capsys.readouterr().err
    assert message.count("\n") == 1 and "evaluate first" in message
