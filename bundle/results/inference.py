"""Files of heads to results by exported files, without PyTorch."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bundle.progress import without_progress
from bundle.results.answer import Answer
from bundle.results.collected import Collected
from bundle.results.evidence_maps import EvidenceMaps
from bundle.results.model import Model
from bundle.results.page import HEADS, Page
from bundle.results.results import STATION, Results
from bundle.runtime import Runtime
from bundle.sources.unlabelled import find_images

if TYPE_CHECKING:
    from bundle.dicom_results import Earlier


@dataclass(frozen=True)
class InferenceSettings:
    """What is asked of an inference, by the names of the keys of configs/inference.json."""

    threshold: float | None = None
    """P(any) from which on a single slice is called a hemorrhage, and a head without a calibration; None for that of
    the export."""
    head_threshold: float | str | None = None
    """The same of a calibrated head; None for that of its calibration."""
    overlays: int = 0
    """Number of the most suspicious slices of each series to draw."""
    page_heads: int = HEADS
    """Number of heads whose slices the page shows; 0 writes no page."""
    show_identity: bool = False
    """Whether the page shows what identifies the patients."""
    all_series: bool = False
    """Whether all series of a study are scored, see `bundle.sources.unlabelled.find_images`."""
    station: str = STATION
    """Name of the installation in DICOM results."""


class Inference:
    """Score studies and write their results; what it runs is opened once and serves many.

    Args:
        runtime: that scores the slices.
        settings: what is asked for.
        show_progress: whether bars say how far long work has come.

    Raises:
        InputError: when a threshold is no probability.

    Attributes:
        model: what gives the answers.
    """

    def __init__(
        self, runtime: Runtime, settings: InferenceSettings | None = None, show_progress: bool = False
    ) -> None:
        self.runtime = runtime
        self.settings = settings or InferenceSettings()
        self.show_progress = show_progress
        export = runtime.export
        self.model = Model(runtime.file, export.task, runtime.view, runtime.name)
        threshold = self.settings.threshold
        self._results = Results(
            self.model,
            Page(self.settings.page_heads, self.settings.show_identity),
            self.settings.overlays,
            export.threshold if threshold is None else threshold,
            self.settings.head_threshold,
            self.settings.station,
        )

    def __call__(
        self,
        paths: Path | str | Sequence[Path | str],
        output_dir: Path | str,
        dicom_dir: Path | str | None = None,
        earlier: "Earlier | None" = None,
        lacking: Sequence[str] = (),
    ) -> Answer:
        """Score images, write the results, see `Results`, and return them.

        Args:
            paths: files and folders, see `bundle.sources.unlabelled.find_images`; a bad one among others costs itself.
            output_dir: folder of the results.
            dicom_dir: folder of DICOM objects; None writes none.
            earlier: answers about the study, see `Results.write`.
            lacking: clauses about what is not among the images, see `Results.write`.

        Raises:
            InputError: when a path is absent, none holds an image, or a folder cannot be written.
        """
        if self.show_progress:
            return self._answer(paths, output_dir, dicom_dir, earlier, lacking)
        with without_progress():
            return self._answer(paths, output_dir, dicom_dir, earlier, lacking)

    def _answer(
        self,
        paths: Path | str | Sequence[Path | str],
        output_dir: Path | str,
        dicom_dir: Path | str | None,
        earlier: "Earlier | None",
        lacking: Sequence[str],
    ) -> Answer:
        rows, rejected = find_images(paths, self.settings.all_series)
        self._results.prepare(output_dir, dicom_dir)
        scored = self.runtime.score(rows)
        collected = Collected(
            scored.probabilities,
            scored.reasons,
            scored.distances,
            self.runtime.uncertainty,
            self.runtime.no_uncertainty,
            scored.kinds,
        )
        maps = EvidenceMaps(self.runtime, rows, scored)
        return self._results.write(collected, maps, rejected, paths, output_dir, dicom_dir, earlier, lacking)
