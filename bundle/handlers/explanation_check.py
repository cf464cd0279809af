"""Explanations held against outlined bleeds, at the end of an evaluation."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path

import ignite.distributed as idist
import numpy as np
from ignite.engine import Events
from monai.engines import Workflow

from bundle.explain import TOLERANCE, Explainer, check_explanations
from bundle.files import writable_folder
from bundle.handlers.evaluator_predictions import evaluator_predictions
from bundle.labels import ANY_INDEX
from bundle.predictions import class_to_explain

logger = logging.getLogger(__name__)


class ExplanationCheck:
    """Write explanation.json: pointing game and deletion curve of slices with a bleed whose row has a mask.

    Of a slice its own class is explained, of several the most probable, whether it was found or missed. The report
    makes figures of it. It needs `bundle.handlers.HemorrhageMetrics` on the same evaluator, and a loader that keeps the
    order of the explainer's rows. What an earlier evaluation left is removed where there is nothing to check. Of
    a job's processes, rank 0 alone checks.

    Args:
        evaluation_dir: folder of the evaluation.
        explainer: of the evaluation's slices.
        mask_values: what the masks' values mean, see `bundle.datalist.read_mask_values`.
        slices: how many are checked at most, drawn at random; 0 for none.
        seed: of the draw and of the random maps.
    """

    def __init__(
        self,
        evaluation_dir: Path | str,
        explainer: Explainer,
        mask_values: Mapping[int, str],
        slices: int = 32,
        seed: int = 0,
    ) -> None:
        self.path = Path(evaluation_dir) / "explanation.json"
        self.explainer = explainer
        self.mask_values = mask_values
        self.slices = slices
        self.seed = seed

    def attach(self, engine: Workflow) -> None:
        """Attach to the evaluator."""
        if idist.get_rank() == 0:
            engine.add_event_handler(Events.COMPLETED, self)

    def __call__(self, engine: Workflow) -> None:
        """Draw, check and write."""
        self.path.unlink(missing_ok=True)
        explainer = self.explainer
        outlined = [index for index, row in enumerate(explainer.rows) if row["mask"] and row["label"][ANY_INDEX] == 1]
        drawn = np.random.default_rng(self.seed).permutation(outlined)[: self.slices].tolist()
        if not drawn:
            return
        predictions = evaluator_predictions(engine)
        classes = {index: class_to_explain(predictions, index) for index in sorted(drawn)}
        explainer.network.eval()
        records = check_explanations(explainer, classes, self.mask_values, self.seed)
        if not records:
            logger.info("the masks of %d slices with a bleed are empty, so no explanation was checked", len(drawn))
            return
        content = {
            "method": explainer.method,
            "layer": None if explainer.method == "occlusion" else explainer.layer,
            "tolerance": TOLERANCE,
            "outlined": len(outlined),
            "slices": [{"line": predictions.lines[record.pop("index")], **record} for record in records],
        }
        writable_folder(self.path.parent)
        self.path.write_text(json.dumps(content, allow_nan=False) + "\n", encoding="utf-8")
