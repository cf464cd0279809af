"""Sessions of ONNX Runtime."""

from pathlib import Path
from typing import TYPE_CHECKING

from bundle.errors import InputError
from bundle.parallel.cores import available_cores

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


def open_session(path: Path | str, threads: int | None = None) -> "InferenceSession":
    """Return a session on the CPU whose threads sleep while they wait, so that they cost no other process anything.

    Args:
        path: an ONNX file.
        threads: of one computation; as many as there are cores when None.

    Raises:
        InputError: when ONNX Runtime is not installed, or cannot load the file.
    """
    try:
        import onnxruntime  # half a second, which reading an export.json need not wait for
    except ImportError:
        raise InputError(
            "exported files need the package onnxruntime, which is not installed",
            "pip install -r requirements.txt, or use --runtime torch",
        ) from None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or available_cores()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # each defect of a file has an error type of its own
        raise InputError("cannot be loaded by ONNX Runtime", "export the checkpoint again", path) from error
