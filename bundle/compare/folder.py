"""The folder of a run: what it was made of, how far it is, and what it left."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bundle.errors import InputError
from bundle.files import writable_folder, written_whole


class RunFolder:
    """A folder that belongs to one run alone.

    Args:
        path: the folder; made when it is missing.
        recipe: what the run is made of, see `bundle.compare.experiment.Experiment.recipe`.

    Raises:
        InputError: when it cannot be written, or an earlier run in it was made of something else.
    """

    def __init__(self, path: Path, recipe: Mapping[str, Any]) -> None:
        self.path = path
        self.log = path / "log.txt"
        self.checkpoints = path / "models"
        self.evaluation = path / "evaluation"
        self.history = path / "history.csv"
        wanted = json.loads(json.dumps(recipe))
        kept = path / "recipe.json"
        if not kept.is_file():
            writable_folder(path)
            _write_json(kept, wanted)
            return
        try:
            earlier = json.loads(kept.read_text(encoding="utf-8"))
        except ValueError:
            raise InputError("is damaged", f"remove the folder {path}, then the run is made again", kept) from None
        for name, had, wants in _differences(earlier, wanted):
            raise InputError(
                f"holds a run with {name} {had}, where now it is {wants}",
                "runs of one comparison are made alike: choose another --output, or remove the folder",
                path,
            )

    @property
    def last_checkpoint(self) -> Path:
        """What an interrupted training goes on from."""
        return self.checkpoints / "last.pt"

    @property
    def epochs(self) -> int:
        """How many epochs of the training have ended."""
        try:
            with self.history.open(encoding="utf-8") as file:
                return max(sum(1 for _ in file) - 1, 0)
        except OSError:
            return 0

    @property
    def done(self) -> list[str]:
        """What has ended of ``training`` and ``evaluate``."""
        path = self.path / "done.json"
        return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else []

    def mark(self, stage: str) -> None:
        """Note that a stage has ended."""
        _write_json(self.path / "done.json", [*self.done, stage])

    @property
    def complete(self) -> bool:
        """Whether the run is trained and evaluated."""
        return "evaluate" in self.done


def _write_json(path: Path, content: Any) -> None:
    with written_whole(path) as part:
        part.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _differences(had: Any, wants: Any, name: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield the name, the earlier and the wanted value of each leaf in which two contents of JSON differ."""
    if isinstance(had, dict) and isinstance(wants, dict):
        for key in dict.fromkeys([*had, *wants]):
            yield from _differences(had.get(key), wants.get(key), f"{name} {key}".strip())
    elif had != wants:
        yield name, had, wants
