"""Grad-CAM overlays of a few slices of each class, at the end of an evaluation."""

import logging
from pathlib import Path

import ignite.distributed as idist
import numpy as np
from ignite.engine import Events
from monai.engines import Workflow
from PIL import Image
from torch.utils.tensorboard import SummaryWriter

from bundle.explain import Explainer
from bundle.figures import mistakes_grid, picture_grid
from bundle.files import writable_folder
from bundle.handlers.evaluator_predictions import evaluator_predictions
from bundle.labels import ANY, CLASSES, HEMORRHAGE, LABELS, NORMAL
from bundle.predictions import Predictions, class_to_explain, describe_slice, find_mistakes, likeliest_bleed
from bundle.report import overlay_path

MISTAKES_SHOWN = 8
"""Overlays of the most confident mistakes, beside those of each class."""

logger = logging.getLogger(__name__)


def slices_of_each_class(predictions: Predictions, count: int) -> dict[str, list[int]]:
    """Return for each class the indices of its `count` slices that the network gives the highest probability for it.

    For *normal* these are the `count` normal slices with the highest P(any): the false alarms, which are worth a look.

    Args:
        predictions: of the slices.
        count: slices of each class, at most.
    """
    p_any, chosen = predictions.p_any, {}
    for index, name in enumerate(CLASSES[predictions.task]):
        label = ANY if name in (NORMAL, HEMORRHAGE) else name
        members = np.flatnonzero(predictions.labels[:, LABELS.index(label)] == (0 if name == NORMAL else 1))
        score = p_any if name == NORMAL else predictions.probabilities[:, index]
        chosen[name] = members[np.argsort(-score[members], kind="stable")][:count].tolist()
    if NORMAL not in chosen:
        members = np.flatnonzero(predictions.truth == 0)
        chosen[NORMAL] = members[np.argsort(-p_any[members], kind="stable")][:count].tolist()
    return chosen


class GradCAMOverlays:
    """Write Grad-CAM overlays as PNG, in the geometry of the files, and into TensorBoard.

    Of a slice with a bleed the map explains its own class, of a normal one the most probable bleed. Beside those of
    each class come those of the `MISTAKES_SHOWN` most confident mistakes. The files are named as
    `bundle.report.overlay_path` says, so that the report finds them. It needs `HemorrhageMetrics` on the same
    evaluator, and a loader that keeps the order of the explainer's rows. Of a job's processes, rank 0 alone draws.

    Args:
        evaluation_dir: folder of the evaluation, in which the pictures get a folder of their own.
        explainer: of the evaluation's slices.
        slices_per_class: number of pictures of each class; 0 for no picture at all.
        section: of the datalist; TensorBoard shows the overlays as ``evaluation_<section>/gradcam``, and the worst
            mistakes as ``evaluation_<section>/mistakes``.
        summary_writer: for TensorBoard, or None.
    """

    def __init__(
        self,
        evaluation_dir: Path | str,
        explainer: Explainer,
        slices_per_class: int = 2,
        section: str = "test",
        summary_writer: SummaryWriter | None = None,
    ) -> None:
        self.evaluation_dir = Path(evaluation_dir)
        self.folder = overlay_path(evaluation_dir, 0).parent
        self.explainer = explainer
        self.slices_per_class = slices_per_class
        self.section = section
        self.summary_writer = summary_writer

    def attach(self, engine: Workflow) -> None:
        """Attach to the evaluator."""
        if idist.get_rank() == 0:
            engine.add_event_handler(Events.COMPLETED, self)

    def __call__(self, engine: Workflow) -> None:
        """Choose, explain, draw and write."""
        for old in self.folder.glob("*.png"):
            old.unlink()
        task = self.explainer.task
        predictions = evaluator_predictions(engine)
        probabilities = predictions.probabilities
        chosen = slices_of_each_class(predictions, self.slices_per_class)
        by_class = [index for members in chosen.values() for index in members]
        wrong = find_mistakes(predictions)[:MISTAKES_SHOWN].tolist() if self.slices_per_class else []
        indices = [*by_class, *(index for index in wrong if index not in by_class)]
        if not indices:  # none is wanted, or nothing is known of any slice
            return
        classes = [
            CLASSES[task].index(name) if name != NORMAL else likeliest_bleed(probabilities[index], task)
            for name, members in chosen.items()
            for index in members
        ] + [class_to_explain(predictions, index) for index in indices[len(by_class) :]]
        pictures = self.explainer.overlays(indices, classes)
        writable_folder(self.folder)
        for index, picture in zip(indices, pictures, strict=True):
            Image.fromarray(picture).save(overlay_path(self.evaluation_dir, index))
        logger.info("%d Grad-CAM overlays in %s", len(indices), self.folder)
        if self.summary_writer is not None:
            described = [describe_slice(predictions, index) for index in indices]
            captions = [f"{each['truth']}\nP(any) {each['p_any']:.3f}" for each in described]
            worst = mistakes_grid(self.explainer, predictions)
            for name, grid in (("gradcam", picture_grid(pictures, captions, 4, 256)), ("mistakes", worst)):
                self.summary_writer.add_image(
                    f"evaluation_{self.section}/{name}", grid, engine.state.epoch, dataformats="HWC"
                )
