"""Scores of a slice, or of a study with its most suspicious slice."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from monai.bundle import ConfigParser
from monai.transforms import Compose
from monailabel.interfaces.tasks.infer_v2 import InferType
from monailabel.interfaces.utils.transform import run_transforms
from monailabel.tasks.infer.bundle import BundleInferTask

from bundle.errors import find_input_error
from bundle.files.weights import read_weights
from bundle.gate import LeftOut
from bundle.labels import NORMAL
from bundle.networks import load_state, with_second_reader
from bundle.networks.penultimate import PenultimateFeatures
from bundle.predictions import Predictions, SliceSmoothing, is_thin, positions_of, score_names
from bundle.readers.geometry import slice_position
from bundle.results.field_of_view import cut_off_heads
from bundle.results.records import P_ANY, series_records, slice_records
from bundle.results.verdicts import find_heads
from bundle.transforms import SelectSliced, judging
from bundle.uncertainty import find_uncertainty
from lib.judged import judge

_IMAGE = "the image"
"""Name of the one series that a request is about."""


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
        """Return `data` with the image as a batch of its slices, [N, 3, S, S], but of those that show nothing.

        Raises:
            InputError: when the gate leaves the image out, or all of its slices.
        """
        data["judgement"], rows = judge(data[self.input_key])
        each = next(index for index, step in enumerate(transforms) if isinstance(step, SelectSliced))
        data = super().run_pre_transforms(data, transforms[:each])
        image = data[self.input_key]
        depth = image.shape[-1] if image.ndim == 4 else 1
        steps = judging(Compose(transforms[each:])).transforms
        slices, data["indices"] = [], []
        for index in range(depth):
            sample = {self.input_key: image, "slice": index, "logging": "WARNING"}
            try:
                slices.append(run_transforms(sample, steps, log_prefix="PRE")[self.input_key])
            except Exception as error:
                left_out = find_input_error(error)
                if not isinstance(left_out, LeftOut) or (index == depth - 1 and not slices):
                    raise
                continue
            data["indices"].append(index)
        # Those of the files, for the volume's geometry knows no gap between them.
        of_files = [row.get("position") for row in rows] if len(rows) == depth else []
        positions = of_files or [slice_position(image.affine.numpy(), index) for index in range(depth)]
        data["positions"] = [positions[index] for index in data["indices"]]
        data["cut_off"] = "; ".join(cut_off_heads(rows).values())
        data[self.input_key] = torch.stack([torch.as_tensor(one) for one in slices])
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
        why; ``kind``, ``outcome`` and ``reason`` are what the gate says of the image.
        """
        sigma = self.bundle_config.get_parsed_content("slice_smoothing")
        rows = [
            {**data["judgement"], "study": "", "series": _IMAGE, "slice": index, "position": position}
            for index, position in zip(data["indices"], data["positions"], strict=True)
        ]
        smoothed = SliceSmoothing(rows, sigma)(data[self.output_label_key].numpy(force=True))
        view = self.bundle_config.get_parsed_content("model#view")
        uncertainty, _ = find_uncertainty(self.path[0], self.task, view)
        heads, _ = find_heads(self.path[0], self.task, view)
        if is_thin(positions_of(rows)):
            # They were calibrated for slabs, and these slices are scored one by one.
            heads = None
        distances = None if uncertainty is None else uncertainty.gaussian.distances(data["features"].numpy())
        slices = slice_records(rows, Predictions.of_rows(rows, smoothed, self.task, distances), uncertainty)
        threshold, of_heads = map(self.bundle_config.get_parsed_content, ("threshold", "head_threshold"))
        doubts = {("", _IMAGE, ""): data["cut_off"]} if data["cut_off"] else {}
        (head,) = series_records(slices, rows, self.task, threshold, of_heads, heads, uncertainty, doubts=doubts)
        result: dict[str, Any] = {
            "prediction": self._prediction(head),
            "slices": len(slices),
            "action": head["action"],
            "refer_reason": head["refer_reason"],
            **data["judgement"],
        }
        if len(slices) > 1:
            worst = max(slices, key=lambda each: each[P_ANY])
            result["most_suspicious"] = {"slice": worst["slice"], "prediction": self._prediction(worst)}
        return None, result

    def _prediction(self, record: Mapping[str, Any]) -> list[dict[str, Any]]:
        scores = {f"p_{NORMAL}": 1 - record[P_ANY], **record}
        return [
            {"idx": index, "label": name, "score": float(scores[f"p_{name}"])} for index, name in enumerate(self.names)
        ]
