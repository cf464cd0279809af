"""Scores of a slice, or of a study with its most suspicious slice."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from monai.bundle import ConfigParser
from monai.transforms import Compose
from monailabel.interfaces.tasks.infer_v2 import InferType
from monailabel.interfaces.utils.transform import run_transforms
from monailabel.tasks.infer.bundle import BundleInferTask

from bundle.files.weights import read_weights
from bundle.gate import Lost
from bundle.labels import NORMAL
from bundle.networks import load_state, with_second_reader
from bundle.networks.penultimate import PenultimateFeatures
from bundle.predictions import score_names
from bundle.results import Collected, Model
from bundle.results.records import P_ANY
from bundle.transforms import judging
from bundle.uncertainty import find_uncertainty
from lib.judged import judge
from lib.records import describe_model, head_records


class Classify(BundleInferTask):
    """MONAI Label's task of a bundle, for a classifier of slices.

    A volume goes through the network slice by slice. The step that restores a prediction to the image's geometry is
    off, for scores have none.

    Args:
        root: the bundle folder.
        conf: of the server.
        settings: keys of ``configs/inference.json`` with other values.

    Raises:
        InputError: when ``models/model.pt`` is broken or of another network; so for its second reader, when it is used.
    """

    def __init__(self, root: Path, conf: Mapping[str, str], settings: Mapping[str, Any]) -> None:
        self.settings = settings
        super().__init__(str(root), conf, type=InferType.CLASSIFICATION, add_post_restore=False, load_strict=True)
        del self._config["model_filename"]  # would offer the brain mask's weights, too
        self.task = self.bundle_config.get_parsed_content("task")
        self.batch_size = self.bundle_config.get_parsed_content("batch_size")
        self.names = score_names(self.task)
        self.labels = {name: index for index, name in enumerate(self.names)}
        load_state(self.network, read_weights(self.path[0]), self.path[0])

    def _load_bundle_config(self, path: str, config: str) -> ConfigParser:
        parser = super()._load_bundle_config(path, config)
        parser.config.update(self.settings)
        return parser

    def _get_network(self, device: str, data: dict[str, Any] | None) -> torch.nn.Module:
        """Return the network that MONAI Label loads, with the second reader that lies beside its checkpoint."""
        return with_second_reader(super()._get_network(device, data), self.path[0]).eval()

    def run_pre_transforms(self, data: dict[str, Any], transforms: Sequence[Callable]) -> dict[str, Any]:
        """Return `data` with the image as a batch of its slices, [N, 3, S, S], but of those that cannot be scored.

        Raises:
            InputError: when the gate leaves the image out, or none of its slices can be scored.
        """
        data["judged"] = judge(data[self.input_key])
        steps = judging(Compose(transforms)).transforms
        slices: list[torch.Tensor] = []
        lost: list[Lost | None] = []
        for row in data["judged"].rows:
            sample = {**row, self.input_key: row["image"], "logging": "WARNING"}
            try:
                slices.append(torch.as_tensor(run_transforms(sample, steps, log_prefix="PRE")[self.input_key]))
            except Exception as error:
                if len(lost) == len(data["judged"].rows) - 1 and not slices:
                    raise
                lost.append(Lost.of(error))
            else:
                lost.append(None)
        data["lost"], data[self.input_key] = lost, torch.stack(slices)
        return data

    def inferer(self, data: dict[str, Any] | None = None) -> Callable:
        """Return the bundle's inferer, which is given a few slices at a time."""
        whole = super().inferer(data)

        def in_batches(inputs: torch.Tensor, network: torch.nn.Module) -> torch.Tensor:
            logits, features = [], []
            with PenultimateFeatures(network) as collected:
                for part in inputs.split(self.batch_size):
                    logits.append(whole(part, network))
                    features.append(collected.take(len(part)))
            if data is not None:
                data["features"] = torch.cat(features)
            return torch.cat(logits)

        return in_batches

    def run_inferer(self, data: dict[str, Any], convert_to_batch: bool = False, device: str = "cuda") -> dict[str, Any]:
        """Return `data` with the logits [N, C]: the slices are the batch."""
        return super().run_inferer(data, convert_to_batch=False, device=device)

    def run_post_transforms(self, data: dict[str, Any], transforms: Sequence[Callable]) -> dict[str, Any]:
        """Return `data` with the probabilities [N, C]; MONAI's transforms see one slice."""
        key = self.output_label_key
        rows = [run_transforms({key: row, "logging": "WARNING"}, transforms)[key] for row in data[key]]
        data[key] = torch.stack([torch.as_tensor(row) for row in rows])
        return data

    def writer(self, data: dict[str, Any], extension: Any = None, dtype: Any = None) -> tuple[None, dict[str, Any]]:
        """Return no file, and the scores in the form of MONAI Label's classifiers.

        ``prediction`` are the scores of the image; of a volume those of the head, as `bundle.deploy` reports them, and
        ``most_suspicious`` its slice with the highest P(any). ``action`` says what to do with it, and ``refer_reason``
        why; ``kind``, ``outcome`` and ``reason`` are what the gate says of the image; ``readers`` and
        ``missing`` see `lib.records.describe_model`.
        """
        view = self.bundle_config.get_parsed_content("model#view")
        model = Model(self.path[0], self.task, view)
        uncertainty, no_uncertainty = find_uncertainty(self.path[0], self.task, view)
        lost: Sequence[Lost | None] = data["lost"]
        scored = np.array([each is None for each in lost])
        distances = None if uncertainty is None else uncertainty.gaussian.distances(data["features"].numpy())
        collected = Collected(
            _spread(data[self.output_label_key].numpy(force=True), scored),
            [each.reason if each else "" for each in lost],
            None if distances is None else _spread(distances, scored),
            uncertainty,
            no_uncertainty,
            [each.kind if each else "" for each in lost],
        )
        threshold, of_heads = map(self.bundle_config.get_parsed_content, ("threshold", "head_threshold"))
        slices, head = head_records(data["judged"], collected, model, threshold, of_heads)
        result: dict[str, Any] = {
            "prediction": self._prediction(head),
            "slices": len(slices),
            "action": head["action"],
            "refer_reason": head["refer_reason"],
            **data["judged"].judgement,
            **describe_model(model, no_uncertainty),
        }
        if len(slices) > 1:
            worst = max(range(len(slices)), key=lambda place: slices[place][P_ANY])
            index = int(np.flatnonzero(scored)[worst])
            result["most_suspicious"] = {"slice": index, "prediction": self._prediction(slices[worst])}
        return None, result

    def _prediction(self, record: Mapping[str, Any]) -> list[dict[str, Any]]:
        scores = {f"p_{NORMAL}": 1 - record[P_ANY], **record}
        return [
            {"idx": index, "label": name, "score": float(scores[f"p_{name}"])} for index, name in enumerate(self.names)
        ]


def _spread(values: np.ndarray, scored: np.ndarray) -> np.ndarray:
    """Return the values of the slices that were scored at their places among all, [N, ...]; 0 for the others."""
    result = np.zeros((len(scored), *values.shape[1:]))
    result[scored] = values
    return result
