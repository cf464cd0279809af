import re

import numpy as np
import pytest

from bundle.errors import InputError
from bundle.runtime import open_classifier, read_export, self_test
from bundle.runtime.classifier import Classifier
from bundle.runtime.self_test import BOUNDS, SLICES, check_classifier, check_once


@pytest.fixture(autouse=True)
def machine(tmp_path, monkeypatch):
    """A machine on which nothing was started yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


class Wrong(Classifier):
    """A classifier on a processor whose sums overflow."""

    def look(self, images):
        outputs = super().look(images)
        return outputs._replace(logits=outputs.logits * [1, 1, 1, 1, 1, 8])


@pytest.mark.parametrize("name", ["fp32", "int8"])
def test_a_machine_that_computes_the_same_passes_and_is_tested_once(exported, machine, monkeypatch, name):
    opened = open_classifier(exported, name)
    (mark,) = [path for path in machine.rglob("*") if path.is_file()]
    monkeypatch.setattr(self_test, "check_classifier", lambda *_: pytest.fail("tested again"))
    check_once(exported / "self_test.npz", opened.export, name, opened.classifier)
    mark.unlink()
    with pytest.raises(pytest.fail.Exception):
        check_once(exported / "self_test.npz", opened.export, name, opened.classifier)


@pytest.mark.parametrize("name", ["fp32", "int8"])
def test_a_machine_that_computes_something_else_is_refused(exported, machine, name):
    export = read_export(exported)
    wrong = Wrong(exported / export.runtimes[name].file, False)
    sentence = f"the runtime {name} computes something else on this machine than where it was exported: a probability"
    for _ in range(2):  # and it is not remembered as one that passed
        with pytest.raises(InputError, match=f"{re.escape(sentence)} of {SLICES} phantom slices differs by 0"):
            check_once(exported / "self_test.npz", export, name, wrong)
    assert not machine.exists()


def test_a_cache_that_cannot_be_written_is_no_obstacle(exported, machine):
    machine.write_text("a file where the folder would be")
    assert open_classifier(exported).name == "int8"


def test_the_slices_show_heads_and_each_runtime_has_its_own_answers(exported):
    with np.load(exported / "self_test.npz") as file:
        assert set(file.files) == {"images", *BOUNDS}
        assert len(file["images"]) == SLICES and all(image.std() > 10 for image in file["images"])
        assert np.abs(file["fp32"] - file["int8"]).max() > 0


def test_a_broken_self_test_is_one_sentence(exported, tmp_path):
    (tmp_path / "self_test.npz").write_bytes(b"PK")
    export = read_export(exported)
    with pytest.raises(InputError, match="is no self-test of this export; export the checkpoint again"):
        check_classifier(tmp_path / "self_test.npz", export, "fp32", Classifier(exported / "classifier.onnx", False))
