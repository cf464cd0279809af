"""Export a checkpoint to files that run without PyTorch: ``python -m scripts.export OUTPUT``."""

from pathlib import Path

from bundle.command import run_command
from bundle.export import export_folder, read_setup
from bundle.runtime.export_file import INT8, NAME, Export, RuntimeEntry


def main(
    output: str,
    dataset_dir: str | None = None,
    datalist: str | None = None,
    checkpoint: str | None = None,
    int8: bool = True,
    model: str | None = None,
    **keys: str,
) -> str:
    """Write classifier.onnx, classifier.int8.onnx, brain_mask.onnx, classifier.ts and export.json.

    The files in float32 are compared with PyTorch on 64 slices, and none is written where a probability differs by
    more than 0.0001. int8 is calibrated on training slices and offered only where it keeps the AUC and the calls on the
    validation split. Each classifier gets its own calibration, thresholds, uncertainty file and calibrations of heads.
    The same checkpoint and data give the same files, byte for byte.

    Args:
        output: folder of the files; those of an earlier export are replaced.
        dataset_dir: folder of a prepared data set. Without one, the files are compared on phantoms, there is no int8,
            and what was fitted with the checkpoint is taken over from the files beside it.
        datalist: of the data set, by default datalist.json in its folder; its validation split must be slices that the
            checkpoint was not trained on.
        checkpoint: by default the bundle's for the model, models/model.pt or models/edge.pt.
        int8: whether to make classifier.int8.onnx.
        model: "edge" for the small network, see docs/edge.md; or another that configs/model_*.json names.
        keys: of configs/inference.json, as --task binary --threshold 0.4.

    Returns:
        What was written, and how near it is to PyTorch.
    """
    given = keys if checkpoint is None else {**keys, "checkpoint": checkpoint}
    setup = read_setup(Path(__file__).parents[1], given, model)
    return summarise(export_folder(setup, output, dataset_dir, datalist, int8), output)


def summarise(export: Export, output: str) -> str:
    """Return a line for each file, and one for what is missing."""
    lines = [f"wrote {output}/{NAME}"]
    lines += [f"  {name:30s} {entry['bytes'] / 1e6:8.1f} MB" for name, entry in export.files.items()]
    lines += [f"  {name}: {_figures(entry)}" for name, entry in export.runtimes.items()]
    if INT8 not in export.runtimes:
        lines.append("  without int8, which needs --dataset_dir")
    return "\n".join(lines)


def _figures(entry: RuntimeEntry) -> str:
    parts = []
    if entry.parity:
        parts.append(
            "differs from PyTorch by {max_probability_difference} at most, {slices} slices".format(**entry.parity)
        )
    if entry.accuracy:
        auc = entry.accuracy["auc"]["any"]
        parts.append(
            f"AUC of any {'unknown' if auc is None else f'{auc:.4f}'}, {entry.accuracy['flipped']} of "
            f"{entry.accuracy['slices']} calls flipped against fp32"
        )
    if entry.heads is None:
        parts.append("without calibrations of heads, so that none is routine")
    return "; ".join(parts)


if __name__ == "__main__":
    run_command(main)
