"""What an evaluation leaves behind: predictions, figures and the report."""

import json
import logging
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ignite.distributed as idist
import numpy as np
from ignite.engine import Events
from monai.engines import Workflow
from PIL import Image
from torch.utils.tensorboard import SummaryWriter

from bundle.datalist import Row, read_datalist
from bundle.errors import InputError
from bundle.files import file_sha256, writable_folder
from bundle.handlers.announced import announced
from bundle.handlers.evaluator_predictions import evaluator_predictions
from bundle.handlers.history import read_training
from bundle.handlers.keep_datalist import KEPT
from bundle.parallel.hardware import describe_device
from bundle.predictions import read_history, write_predictions
from bundle.report import SENSITIVITIES, SPECIFICITIES, check_shares, write_report

HEADLINE = ("accuracy", "precision", "recall", "f1", "auc_any", "auc_macro", "log_loss")
"""The scores of slices that are logged."""

HEADS = ("auc", "sensitivity", "specificity", "ppv", "npv", "calibration_error")
"""Those of whole heads."""

logger = logging.getLogger(__name__)


class EvaluationReport:
    """Write predictions.csv, report.json, figures and report.html, and put figures and headline into TensorBoard.

    It needs `bundle.handlers.HemorrhageMetrics` on the same evaluator, and a loader that keeps the order of `rows`.
    Attach it after the handler that draws the overlays. Of a job's processes, rank 0 alone writes.

    Args:
        evaluation_dir: the folder of the evaluation.
        dataset: name of the data set, for the page.
        configuration: what the page says of how the network was made.
        section: of the datalist; in TensorBoard figures and headline scores are ``evaluation_<section>/<name>``,
            and those of whole heads ``evaluation_<section>/heads/<name>``.
        history: the training's table, if it is of the checkpoint which the evaluator's `CheckpointLoader` loads; where
            it is not, one of this name in the checkpoint's folder or the one above, or none.
        datalist: the file whose section was evaluated.
        sensitivities: for which thresholds are chosen on the validation.
        specificities: the same.
        summary_writer: for TensorBoard, or None.

    Raises:
        InputError: for a wanted sensitivity or specificity that is none.
    """

    def __init__(
        self,
        evaluation_dir: Path | str,
        dataset: str,
        configuration: Mapping[str, Any],
        section: str,
        history: Path | str,
        datalist: Path | str,
        sensitivities: Sequence[float] = SENSITIVITIES,
        specificities: Sequence[float] = SPECIFICITIES,
        summary_writer: SummaryWriter | None = None,
    ) -> None:
        self.evaluation_dir = Path(evaluation_dir)
        self.dataset = dataset
        self.configuration = configuration
        self.section = section
        self.history = Path(history)
        self.datalist = datalist
        self.sensitivities = check_shares("sensitivities", sensitivities)
        self.specificities = check_shares("specificities", specificities)
        self.summary_writer = summary_writer

    def attach(self, engine: Workflow) -> None:
        """Attach to the evaluator."""
        if idist.get_rank() == 0:
            engine.add_event_handler(Events.STARTED, self._start)
            engine.add_event_handler(Events.COMPLETED, self)

    def _start(self, engine: Workflow) -> None:
        writable_folder(self.evaluation_dir)
        self._began = time.perf_counter()

    def __call__(self, engine: Workflow) -> None:
        """Write everything, and log the headline figures."""
        write_predictions(self.evaluation_dir / "predictions.csv", evaluator_predictions(engine))
        history, kept = self._history(engine), self.evaluation_dir / "history.csv"
        if history is None and kept != self.history:
            # An earlier evaluation, of another checkpoint, may have left its own.
            kept.unlink(missing_ok=True)
        page = write_report(
            self.evaluation_dir,
            self.dataset,
            self.configuration,
            history,
            sensitivities=self.sensitivities,
            specificities=self.specificities,
            datalist=self.datalist,
            section=self.section,
            run={"evaluation": self._evaluation(engine), "training": None if history is None else _run_of(history)},
            trained_on=None if history is None else _trained_on(history),
        )
        metrics = engine.state.metrics
        headline = {name: metrics[name] for name in HEADLINE if name in metrics}
        report = json.loads((self.evaluation_dir / "report.json").read_text(encoding="utf-8"))
        heads = head_scalars(report)
        if trained := report["split"]["trained"]:
            logger.warning(
                "the checkpoint was trained with %d of the evaluated slices, or with others of their patients: the "
                "results are too good",
                trained,
            )
        if seen := report["split"]["seen"]:
            logger.warning(
                "the included weights were trained on %d of the evaluated slices: for these weights, and for what was "
                "trained on from them, the results are too good",
                seen,
            )
        for of, values in (("slices", headline), ("heads", heads)):
            if values:
                logger.info("%s: %s", of, "  ".join(f"{name} {value:.3f}" for name, value in values.items()))
        logger.info("report: %s", page)
        if self.summary_writer is not None:
            headline |= {f"heads/{name}": value for name, value in heads.items()}
            self._write_events(self.summary_writer, headline, engine.state.epoch)

    def _evaluation(self, engine: Workflow) -> dict[str, Any]:
        return {
            "device": describe_device(engine.state.device),
            "processes": idist.get_world_size(),
            "seconds": time.perf_counter() - self._began,
        }

    def _history(self, engine: Workflow) -> Path | None:
        loader = announced(engine).get("checkpoint")
        if loader is None:
            return None
        digest = file_sha256(loader.load_path)
        for folder in (self.history.parent, *Path(loader.load_path).absolute().parents[:2]):
            history = folder / self.history.name
            if history.is_file() and read_training(history).get("checkpoint") == digest:
                return history
        if self.history.is_file():
            logger.info("%s is not known to be of this checkpoint's training, and left out of the report", self.history)
        return None

    def _write_events(self, writer: SummaryWriter, headline: Mapping[str, float], step: int) -> None:
        for name, value in headline.items():
            writer.add_scalar(f"evaluation_{self.section}/{name}", value, step)
        for figure in sorted((self.evaluation_dir / "figures").glob("*.png")):
            if figure.stem != "history":
                with Image.open(figure) as image:
                    picture = np.asarray(image.convert("RGB"))
                writer.add_image(f"evaluation_{self.section}/{figure.stem}", picture, step, dataformats="HWC")
        writer.flush()


def _run_of(history: Path) -> dict[str, Any]:
    known = {name: value for name, value in read_training(history).items() if name != "checkpoint"}
    seconds = read_history(history).get("seconds", np.array([np.nan])).sum()
    return {**known, "seconds": None if np.isnan(seconds) else float(seconds)}


def _trained_on(history: Path) -> list[Row] | None:
    path = history.with_name(KEPT)
    if not path.is_file():
        return None
    try:
        return read_datalist(path)["training"]
    except InputError as error:
        logger.warning("%s. Whether these patients were in the training is not known.", error)
        return None


def head_scalars(report: Mapping[str, Any]) -> dict[str, float]:
    """Return what TensorBoard shows of whole heads, from the content of report.json; what is not known is left out.

    Beside `HEADS` it is what would be done, as a share of the heads without and with a bleed: ``read_first_normal``,
    ``routine_hemorrhage`` and so on.
    """
    heads = report["heads"]
    if heads is None:
        return {}
    figures = {name: heads["figures"][name] for name in HEADS}
    for truth, actions in heads["actions"].items():
        figures |= {f"{action.replace(' ', '_')}_{truth}": figure for action, figure in actions.items()}
    return {name: figure["value"] for name, figure in figures.items() if figure["value"] is not None}
