"""What gives the answers: a checkpoint, or a file exported from it, and how it is used."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bundle.files import model_name, model_sha256
from bundle.heads import Heads
from bundle.predictions import View
from bundle.results.verdicts import find_heads

TORCH = "torch"
"""The runtime of a checkpoint."""


@dataclass(frozen=True, eq=False)
class Model:
    """A network's file; what lies beside it is read once, when it is first asked for."""

    file: Path | str
    """The checkpoint, or the exported classifier."""
    task: str
    """A key of `bundle.labels.CLASSES`."""
    view: View
    """How it is shown slices."""
    runtime: str = TORCH
    """What computes it: `TORCH`, or a key of `bundle.runtime.export_file.CLASSIFIERS`."""

    @cached_property
    def sha256(self) -> str:
        """Of the file, or of it and its second reader, see `bundle.files.model_sha256`."""
        return model_sha256(self.file)

    @property
    def heads(self) -> Heads | None:
        """The calibrations of heads beside the file, if there are any."""
        return self._found_heads[0]

    @property
    def no_heads(self) -> str:
        """Why there are none, in a sentence; "" where there are."""
        return self._found_heads[1]

    @cached_property
    def _found_heads(self) -> tuple[Heads | None, str]:
        return find_heads(self.file, self.task, self.view)

    @property
    def description(self) -> str:
        """As "int8 (classifier.int8.onnx)", or "torch (model.pt and edge.pt)" of a checkpoint with a second reader."""
        return f"{self.runtime} ({model_name(self.file)})"
