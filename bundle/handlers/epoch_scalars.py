"""The names under which the figures of a training stand in TensorBoard."""

from collections.abc import Mapping, Sequence

from ignite.engine import Engine
from torch.utils.tensorboard import SummaryWriter

from bundle.handlers.announced import announced
from bundle.labels import SUBTYPES

_TAGS = {
    "train_loss": "loss/training",
    "val_loss": "loss/validation",
    "learning_rate": "training/learning_rate",
    "images_per_second": "training/images_per_second",
    "seconds": "training/seconds",
}

BEST = ("loss", "auc_any", "auc_macro", "accuracy", "precision", "recall", "specificity", "f1", "log_loss")
"""The figures that stand under ``validation_best/<name>``: those of the best model so far."""


def _chart(*tags: str) -> tuple[str, list[str]]:
    # Each is a regular expression, which would match the beginning of other tags, too.
    return "Multiline", [f"{tag}$" for tag in tags]


LAYOUT: Mapping[str, Mapping[str, Sequence]] = {
    "training": {
        "loss": _chart("loss/training", "loss/validation"),
        "learning rate": _chart("training/learning_rate"),
        "images a second": _chart("training/images_per_second"),
    },
    "validation": {
        "any bleed: AUC and average precision": _chart("metrics/auc_any", "metrics/average_precision_any"),
        "any bleed at P(any) 0.5": _chart(
            *(f"metrics/{name}" for name in ("accuracy", "precision", "recall", "specificity", "f1"))
        ),
        "AUC of each label": _chart("metrics/auc_any", *(f"subtypes/auc_{name}" for name in SUBTYPES)),
        "average precision of each label": _chart(
            "metrics/average_precision_any", *(f"subtypes/average_precision_{name}" for name in SUBTYPES)
        ),
    },
}
"""Which scalars the tab *Custom scalars* shows in one chart: category → title → kind and patterns of tags."""


def scalar_tag(column: str) -> str:
    """Return the tag of a column of the history: ``val_auc_any`` → ``metrics/auc_any``, and so on."""
    if column in _TAGS:
        return _TAGS[column]
    name = column.removeprefix("val_")
    return f"subtypes/{name}" if name.endswith(SUBTYPES) else f"metrics/{name}"


class EpochScalars:
    """Write the last row of the history into TensorBoard, so that curves and table cannot differ.

    It is the `epoch_event_writer` of MONAI's `TensorBoardStatsHandler`, whose own gives every figure its bare name:
    the validation's loss then stands apart from the training's, and forty charts in no order. When the epoch gave the
    best model so far, the figures of `BEST` are written as ``validation_best/<name>``, too.

    Args:
        evaluator: the validation engine, with `BestModel`. The trainer has `History`; attach the handler after it, and
            after the one that saves the checkpoint.
    """

    def __init__(self, evaluator: Engine) -> None:
        self.evaluator = evaluator

    def __call__(self, engine: Engine, summary_writer: SummaryWriter) -> None:
        """Write the epoch's figures at its number."""
        row = announced(engine)["history"].rows[-1]
        epoch = row["epoch"]
        for column, value in row.items():
            if column != "epoch":
                summary_writer.add_scalar(scalar_tag(column), value, epoch)
        if announced(self.evaluator)["best_model"].best_epoch == epoch:
            summary_writer.add_scalar("validation_best/epoch", epoch, epoch)
            for name in BEST:
                if f"val_{name}" in row:
                    summary_writer.add_scalar(f"validation_best/{name}", row[f"val_{name}"], epoch)
        summary_writer.flush()
