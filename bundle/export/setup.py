"""What a config of inference says of the network, its weights and its input."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monai.transforms import Compose
from torch import nn

from bundle.command import begin, checked_overrides, inference_configs
from bundle.errors import InputError
from bundle.files.weights import read_weights
from bundle.networks import load_state
from bundle.predictions import View
from bundle.runtime.export_file import Preprocessing
from bundle.transforms import BrainMask, BrainMaskd, CropToMaskd
from bundle.transforms.brain_mask import load_mask_network


@dataclass(frozen=True)
class Setup:
    """A network that is ready, on the CPU and in evaluation mode, and what it is used with."""

    network: nn.Module
    checkpoint: Path
    brain_mask: BrainMask | None
    transform: Compose
    """From a row to its "image", [C, S, S] float32 in [0, 1]."""
    preprocessing: Preprocessing
    task: str
    standardise: bool
    mirrored: bool
    slice_smoothing: float
    threshold: float

    @property
    def view(self) -> View:
        """How the network is shown slices."""
        seen = self.preprocessing
        return View(seen.image_size, seen.windows, seen.mask, self.mirrored, self.standardise, self.slice_smoothing)


def read_setup(root: Path | str, overrides: Mapping[str, Any], model: str | None = None) -> Setup:
    """Return the setup of a bundle folder's inference.

    Args:
        root: the bundle folder.
        overrides: of keys of ``configs/inference.json``, as ``task`` or ``checkpoint``.
        model: another network than the bundle's own, see `bundle.command.inference_configs`.

    Raises:
        InputError: for an unknown model or key or a value of a wrong type; when the weights do not fit; for clinical
            features, which exported files do not take.
    """
    from monai.bundle import ConfigParser

    begin()
    root = Path(root)
    configs = inference_configs(root, model)
    parser = ConfigParser(ConfigParser.load_config_files(configs))
    parser.update({"bundle_root": str(root), "device": "$torch.device('cpu')"})
    parser.update(checked_overrides(overrides, configs))
    value = parser.get_parsed_content
    if value("clinical_numbers") or value("clinical_categories"):
        raise InputError("exported files take no clinical features", "leave clinical_numbers and _categories empty")
    checkpoint = Path(value("checkpoint"))
    load_state(value("network"), read_weights(checkpoint), checkpoint)
    transform = value("preprocessing")
    masks = [each.brain_mask for each in transform.transforms if isinstance(each, BrainMaskd)]
    if masks:
        load_mask_network(masks[0].network, masks[0].weights)
    crops = [each.margin for each in transform.transforms if isinstance(each, CropToMaskd)]
    return Setup(
        value("readers").eval(),
        checkpoint,
        masks[0] if masks else None,
        transform,
        Preprocessing(
            image_size=value("image_size"),
            windows=value("windows"),
            mask=bool(masks),
            mask_margin=masks[0].margin if masks else 0.0,
            crop_margin=crops[0] if crops else 0,
        ),
        **{key: value(key) for key in ("task", "standardise", "mirrored", "slice_smoothing", "threshold")},
    )
