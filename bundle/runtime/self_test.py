"""The first start on a machine: slices of phantoms, whose probabilities are known, through the classifier.

A processor or a build of ONNX Runtime that computes something else is found before it scores a patient.
"""

import hashlib
import os
import platform
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from bundle.calibration import probabilities_of
from bundle.errors import InputError
from bundle.files import file_sha256, written_whole
from bundle.runtime.bounds import MAX_DIFFERENCE, MAX_P95
from bundle.runtime.classifier import Classifier
from bundle.runtime.export_file import FP32, INT8, Export

NAME = "self_test.npz"
SLICES = 8
BOUNDS: Mapping[str, float] = {FP32: MAX_DIFFERENCE, INT8: MAX_P95}
"""Of the largest difference of a probability, by runtime."""
_PROCESSORS = Path("/proc/cpuinfo")
_OF_PROCESSOR = ("vendor_id", "cpu family", "model", "model name", "stepping", "flags", "Features", "CPU ")
"""Beginnings of what Linux says of a processor that tell which instructions it has, not how fast it runs just now."""


def write_self_test(folder: Path, images: np.ndarray, classifiers: Mapping[str, Path], task: str) -> None:
    """Write the slices of the self-test, and what each classifier says of them.

    Args:
        folder: of the export.
        images: [N, C, S, S] uint8.
        classifiers: runtime → its file.
        task: a key of `bundle.labels.CLASSES`.
    """
    expected = {name: _probabilities(Classifier(file, False), images, task) for name, file in classifiers.items()}
    np.savez_compressed(folder / NAME, images=images, **expected)  # type: ignore[arg-type]


def check_once(path: Path, export: Export, name: str, classifier: Classifier) -> None:
    """Test a classifier where this machine, with this processor, has not tested its very file before.

    Args:
        path: of the self-test.
        export: that it belongs to.
        name: of the runtime.
        classifier: of that runtime.

    Raises:
        InputError: when it computes something else than it did when it was exported, or the file is broken.
    """
    mark = _mark(path, export.files[export.runtimes[name].file]["sha256"])
    if mark is not None and mark.exists():
        return
    check_classifier(path, export, name, classifier)
    if mark is None:
        return
    try:
        mark.parent.mkdir(parents=True, exist_ok=True)
        with written_whole(mark) as part:
            part.touch()
    except OSError:
        pass  # without a folder to remember it in, it is tested again at the next start


def check_classifier(path: Path, export: Export, name: str, classifier: Classifier) -> None:
    """Test a classifier, see `check_once`."""
    try:
        with np.load(path, allow_pickle=False) as file:
            images, expected = file["images"], file[name]
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise InputError("is no self-test of this export", "export the checkpoint again", path) from error
    difference = float(np.abs(_probabilities(classifier, images, export.task) - expected).max())
    if not difference <= BOUNDS[name]:
        raise InputError(
            f"the runtime {name} computes something else on this machine than where it was exported: a probability of "
            f"{len(images)} phantom slices differs by {difference:.2g}, and at most {BOUNDS[name]:g} is allowed",
            "use another --runtime, or export on this machine",
        )


def _probabilities(classifier: Classifier, images: np.ndarray, task: str) -> np.ndarray:
    return probabilities_of(classifier.look(images).logits, task)


def _mark(path: Path, digest: str) -> Path | None:
    """Return the file that says that this machine has tested a classifier; None where its processor is unknown.

    A container or a virtual machine keeps its name and its cache on another host.
    """
    import onnxruntime

    processor = _processor()
    if not processor or not path.is_file():
        return None
    machine = (platform.node(), platform.machine(), processor, onnxruntime.__version__)
    name = hashlib.sha256("\n".join((digest, file_sha256(path), *machine)).encode()).hexdigest()
    cache = os.environ.get("XDG_CACHE_HOME", "").strip() or "~/.cache"
    return Path(cache).expanduser() / "brain_hemorrhage_classification" / "self_test" / name


def _processor() -> str:
    """Return what tells the processor from one of other instructions; "" where that is not known."""
    try:
        first = _PROCESSORS.read_text(errors="replace").split("\n\n")[0]
    except OSError:
        return platform.processor()
    return "\n".join(line for line in first.splitlines() if line.startswith(_OF_PROCESSOR))
