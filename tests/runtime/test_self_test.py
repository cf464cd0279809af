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


def processor(model="Xeon", flags="fpu avx2 avx512_vnni", mhz=2000):
    return f"processor\t: 0\nmodel name\t: {model}\ncpu MHz\t\t: {mhz}\nflags\t\t: {flags}\n\nprocessor\t: 1\n"


def is_tested(exported, tmp_path, monkeypatch, info):
    """Return whether a start on a machine of this processor tests the classifier."""
    (tmp_path / "cpuinfo").write_text(info)
    calls = []
    monkeypatch.setattr(self_test, "_PROCESSORS", tmp_path / "cpuinfo")
    monkeypatch.setattr(self_test, "check_classifier", lambda *_: calls.append(1))
    check_once(exported / "self_test.npz", read_export(exported), "fp32", None)
    return bool(calls)


def test_another_processor_under_the_same_name_is_tested_again(exported, tmp_path, monkeypatch):
    found = [
        is_tested(exported, tmp_path, monkeypatch, info)
        for info in (
            processor(), processor(mhz=3100), processor(flags="fpu avx2"), processor("EPYC"), processor("EPYC"),
            "processor\t: 0\n", "processor\t: 0\n",
        )
    ]  # fmt: skip
    assert found == [True, False, True, True, False, True, True], "always where nothing tells the processor"


def test_another_self_test_of_the_same_classifier_is_run(exported, tmp_path, monkeypatch):
    assert is_tested(exported, tmp_path, monkeypatch, processor())
    (tmp_path / "other").mkdir()
    for name in ("self_test.npz", "export.json"):
        (tmp_path / "other" / name).write_bytes((exported / name).read_bytes())
    assert not is_tested(tmp_path / "other", tmp_path, monkeypatch, processor())
    with (tmp_path / "other" / "self_test.npz").open("ab") as file:
        file.write(b" ")
    assert is_tested(tmp_path / "other", tmp_path, monkeypatch, processor())


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
