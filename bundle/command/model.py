"""Which configs make a command use another network than the bundle's own."""

from pathlib import Path

from bundle.errors import InputError, did_you_mean

_PREFIX = "model_"


def inference_configs(root: Path, model: str | None = None) -> list[Path]:
    """Return the configs of inference: ``inference.json``, and the overlay ``model_NAME.json`` of another network.

    Args:
        root: the bundle folder.
        model: name of the network, as ``edge``; None for the bundle's own.

    Raises:
        InputError: when there is no such overlay, with the closest.
    """
    configs = root / "configs"
    if model is None:
        return [configs / "inference.json"]
    known = sorted(path.stem.removeprefix(_PREFIX) for path in configs.glob(f"{_PREFIX}*.json"))
    if model not in known:
        remedy = did_you_mean(model, known) or f"give one of {', '.join(known)}, or leave it out"
        raise InputError(f"there is no model {model!r}", remedy)
    return [configs / "inference.json", configs / f"{_PREFIX}{model}.json"]
