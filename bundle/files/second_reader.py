"""The file next to a checkpoint that names a second network, which reads every slice too, and how the two are joined.

Double reading: two networks make different mistakes. Their logits are added, which is a logarithmic opinion pool
(Genest and Zidek, Statistical Science 1986, https://doi.org/10.1214/ss/1177013825), and the sum is calibrated as the
logits of one network are.
"""

import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

from bundle.errors import InputError
from bundle.files.digest import file_sha256
from bundle.files.whole import written_whole


@dataclass(frozen=True)
class SecondReader:
    """A second network for a checkpoint: the logits are (first + second) / temperature, and *normal*'s are shifted."""

    checkpoint: str
    """Name of the second's weights, in the same folder."""
    temperature: float
    """See `bundle.calibration.fit_bias_corrected`; so is the next."""
    shift: float


def second_reader_path(checkpoint: Path | str) -> Path:
    """Return where the second reader of a checkpoint is named: ``model.second.json`` beside ``model.pt``."""
    return Path(checkpoint).with_suffix(".second.json")


def write_second_reader(checkpoint: Path | str, second: SecondReader) -> Path:
    """Write the second reader of a checkpoint beside it, with the digests of both files, and return the path.

    Raises:
        InputError: when there are no weights of the second.
        OSError: when the folder cannot be written.
    """
    path = second_reader_path(checkpoint)
    digests = {"first": file_sha256(checkpoint), "second": _second_sha256(checkpoint, second.checkpoint)}
    content = {**asdict(second), "sha256": digests}
    with written_whole(path) as part:
        part.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    return path


def find_second_reader(checkpoint: Path | str) -> SecondReader | None:
    """Return the second reader of a checkpoint; None where it reads alone, as any does that was put in its place.

    Raises:
        InputError: when the file is broken, or its second reader is missing or another. The checkpoint does not read
            alone then, for its thresholds and calibrations are those of both.
    """
    path = second_reader_path(checkpoint)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        digests = {str(name): str(digest) for name, digest in content["sha256"].items()}
        numbers = {name: float(content[name]) for name in ("temperature", "shift")}
        second = SecondReader(str(content["checkpoint"]), **numbers)
        known = second.temperature > 0 and all(map(math.isfinite, numbers.values()))
        if second.checkpoint != Path(second.checkpoint).name or not known:
            raise ValueError
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError("names no second reader", _remedy(checkpoint), path) from error
    if not Path(checkpoint).is_file() or digests.get("first") != (first := file_sha256(checkpoint)):
        return None
    if digests != {"first": first, "second": _second_sha256(checkpoint, second.checkpoint)}:
        raise InputError(f"is of another {second.checkpoint} than lies beside it", _remedy(checkpoint), path)
    return second


def model_sha256(checkpoint: Path | str) -> str:
    """Return the SHA-256 of what gives the answers, hexadecimal: of the checkpoint, or of the file that joins two.

    That file holds the digests of both, so that what was fitted on one network's answers is never used with another's.

    Raises:
        InputError: see `find_second_reader`.
    """
    return file_sha256(checkpoint if find_second_reader(checkpoint) is None else second_reader_path(checkpoint))


def model_name(checkpoint: Path | str) -> str:
    """Return the name of the checkpoint's file, as "model.pt", with that of its second reader, "model.pt and edge.pt".

    Raises:
        InputError: see `find_second_reader`.
    """
    second = find_second_reader(checkpoint)
    return Path(checkpoint).name + ("" if second is None else f" and {second.checkpoint}")


def _second_sha256(checkpoint: Path | str, second: str) -> str:
    file = Path(checkpoint).with_name(second)
    if not file.is_file():
        raise InputError(f"does not exist, and is to read with {Path(checkpoint).name}", _remedy(checkpoint), file)
    return file_sha256(file)


def _remedy(checkpoint: Path | str) -> str:
    name = second_reader_path(checkpoint).name
    return f"remove {name}, and {Path(checkpoint).name} reads alone, or write it anew with python -m scripts.pair"
