"""Heat maps of the evidence that an exported classifier drew while it scored."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bundle.errors import InputError
from bundle.pictures.heat_map import EVIDENCE, HeatMap, heat_of_evidence
from bundle.readers.head_files import HeadFiles
from bundle.runtime import Runtime, Scored


class EvidenceMaps:
    """Explain slices by the maps that came with their probabilities; the classifier is not run again.

    A map shows any bleed, whichever class is asked for.

    Args:
        runtime: that scored the slices.
        rows: of the slices.
        scored: what it says of them.
    """

    method = EVIDENCE

    def __init__(self, runtime: Runtime, rows: Sequence[Mapping[str, Any]], scored: Scored) -> None:
        self.rows = rows
        self.task = runtime.export.task
        self._file = runtime.file
        self._size = runtime.export.preprocessing.image_size
        self._scored = scored

    def explain(self, indices: Sequence[int], classes: Sequence[int]) -> Iterator[HeatMap]:
        """Yield the heat map of each of the slices, see `bundle.pictures.Explainer`.

        Raises:
            InputError: when the classifier draws no such maps.
        """
        if self._scored.evidence is None:
            raise InputError("is a classifier that draws no map of evidence", "set overlays to 0", self._file)
        files = HeadFiles()
        for index, class_index in zip(indices, classes, strict=True):
            (heat,) = heat_of_evidence(self._scored.evidence[index : index + 1], self._size, self._size)
            (top, bottom), (left, right) = self._scored.boxes[index]
            yield HeatMap(index, class_index, heat, ((top, left), (bottom, right)), self.rows[index], files)
