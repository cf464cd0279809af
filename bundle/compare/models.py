"""The models that are compared, and where each is configured."""

from dataclasses import dataclass
from pathlib import Path

from bundle.errors import InputError, did_you_mean

CONFIGS = Path(__file__).resolve().parents[2] / "configs"


@dataclass(frozen=True)
class Model:
    """A network that is trained like the others."""

    name: str
    """In commands, folders and tables."""
    title: str
    """For people to read."""
    overlay: Path | None
    """The config that makes the bundle's network into this one; None for the bundle's own."""

    @property
    def configs(self) -> list[Path]:
        """The configs of its training."""
        return [CONFIGS / "train.json", *([self.overlay] if self.overlay else [])]


MODELS = {
    model.name: model
    for model in (
        Model("vgg16", "VGG16", CONFIGS / "model_vgg16.json"),
        Model("resnet50", "ResNet-50", CONFIGS / "model_resnet50.json"),
        Model("seresnet50", "ResNet-50 + SE", CONFIGS / "model_seresnet50.json"),
        Model("full", "Modified ResNet-50 + SE", None),
    )
}
"""The four models of the paper, in its order: each adds to the one before."""


def find_model(name: str) -> Model:
    """Return the model of `MODELS` of that name, or the one that an overlay of one's own makes, by its path.

    Raises:
        InputError: when there is neither.
    """
    if name in MODELS:
        return MODELS[name]
    path = Path(name)
    if path.suffix == ".json" and path.is_file():
        title = path.stem.removeprefix("model_")
        if title not in MODELS:
            return Model(title, title, path.resolve())
        raise InputError(f"is an overlay named like the model {title}", "rename the file", name)
    near = did_you_mean(name, MODELS)
    raise InputError(
        f"there is no model {name!r}" + (f", {near}" if near else ""),
        f"give some of {', '.join(MODELS)}, or the path of an overlay like {MODELS['vgg16'].overlay}",
    )
