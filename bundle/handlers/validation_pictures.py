"""Curves, confusion matrices and worst mistakes of the validation in TensorBoard."""

from pathlib import Path

from ignite.engine import Engine, Events
from torch.utils.tensorboard import SummaryWriter

from bundle.explain import Explainer
from bundle.figures import mistakes_grid
from bundle.handlers.announced import announced
from bundle.handlers.evaluator_predictions import evaluator_predictions
from bundle.metrics import summarize
from bundle.report import SECTIONS, Evaluation, draw_figures

_SECTIONS = [section for section in SECTIONS if section.name in ("curves", "confusion")]


class ValidationPictures:
    """Show the validation of the best model so far in TensorBoard, whenever an epoch gave a better one.

    The pictures are those of the evaluation's report: ``validation/roc``, ``validation/precision_recall``,
    ``validation/confusion_any``, ``validation/confusion_classes`` and ``validation/mistakes``, at the epoch's number.
    The last ones are of the model that is kept. It needs `bundle.handlers.HemorrhageMetrics` on the evaluator, and a
    loader that keeps the order of the explainer's rows. Attach it to the trainer after the handler that saves the
    checkpoint.

    Args:
        summary_writer: gets the pictures.
        evaluator: the validation engine, with `BestModel`.
        explainer: of the validation's slices.
    """

    def __init__(self, summary_writer: SummaryWriter, evaluator: Engine, explainer: Explainer) -> None:
        self.summary_writer = summary_writer
        self.evaluator = evaluator
        self.explainer = explainer

    def attach(self, engine: Engine) -> None:
        """Attach to the trainer."""
        engine.add_event_handler(Events.EPOCH_COMPLETED, self)

    def __call__(self, engine: Engine) -> None:
        """Draw, when this epoch gave the best model so far."""
        if announced(self.evaluator)["best_model"].best_epoch == engine.state.epoch:
            self.draw(engine.state.epoch)

    def draw(self, epoch: int) -> None:
        """Draw what the evaluator's last run gave."""
        predictions = evaluator_predictions(self.evaluator)
        evaluation = Evaluation(Path(), predictions)
        for name, figure in draw_figures(evaluation, summarize(predictions), _SECTIONS).items():
            if figure is not None:
                self.summary_writer.add_figure(f"validation/{name}", figure, epoch, close=False)
        grid = mistakes_grid(self.explainer, predictions)
        self.summary_writer.add_image("validation/mistakes", grid, epoch, dataformats="HWC")
        self.summary_writer.flush()
