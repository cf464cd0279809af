"""Give the verdict on heads: ``python -m scripts.predict STUDY…``."""

import contextlib
import io
import logging
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bundle.command import checked_overrides, exit_with, inference_configs, run_command
from bundle.errors import InputError
from bundle.results import TORCH, Inference, chosen_export, open_export
from bundle.runtime import AUTO

ROOT = Path(__file__).parents[1]
EXPORT = ROOT / "output" / "export"
MODELS = ROOT / "models"
_OWN = {"output_dir": "output", "dicom_dir": "dicom"}
"""Keys of configs/inference.json that are options of this command, by another name."""


def main(
    *studies: str,
    output: str = "output/inference",
    json: bool = False,
    dicom: str | None = None,
    runtime: str = AUTO,
    export_dir: str | None = None,
    model: str | None = None,
    **settings: str,
) -> None:
    """Score heads, print the verdict on each, and write tables and a page to look at.

    The verdict is "read first" (a bleed is likely), "read soon" (undecided, or not to be trusted) or "routine" (nothing
    was found in a whole head). The results are described in README.md. For research only: it is not a medical device.

    Exit status: 0 if everything was scored or left out, 2 if some files failed, 1 if nothing was scored, 130 after
    Ctrl-C.

    Args:
        studies: DICOM files, series, NIfTI volumes, PNG or JPEG files, or folder trees of any of them.
        output: folder of the results: index.html, series.csv, slices.csv, left_out.csv, failed.csv, results.json.
        json: print results.json instead of the verdicts.
        dicom: folder for results that a PACS can file, of each head a report, a heat map and key objects; without it
            none are written. See docs/dicom_results.md.
        runtime: what computes. "int8" and "fp32" are exported files, which need a fraction of the time and memory, see
            docs/export.md; "torch" is configs/inference.json with the checkpoint. "auto" is the export, int8 where it
            has it, if there is one of the checkpoint in output/export or export_dir is given, else torch.
        export_dir: folder of the exported files, by default output/export.
        model: "edge" for the small network, which needs a fraction of the time, see docs/edge.md; or another that
            configs/model_*.json names, with its --checkpoint.
        settings: any other key of configs/inference.json, as --overlays 3, --all_series true or --checkpoint FILE.
            Exported files know those that change neither network nor preprocessing.
    """
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(message)s")
    if "input" in settings:
        raise InputError("there is no option --input", "name files and folders alone, as scripts.predict FOLDER")
    for key in filter(settings.__contains__, _OWN):
        raise InputError(f"there is no option --{key}", f"name the folder with --{_OWN[key]}")
    if not studies:
        raise InputError("inference has no input", "give it a file or a folder, as scripts.predict FOLDER")
    paths = [str(Path(each).absolute()) for each in studies]
    if model is not None and (export_dir is not None or runtime not in (AUTO, TORCH)):
        raise InputError("exported files hold their own network", f"leave --model out, or use --runtime {TORCH}")
    configs = inference_configs(ROOT, model)
    checkpoint = MODELS / f"{model or 'model'}.pt"
    if model is not None and "checkpoint" not in settings and not checkpoint.is_file():
        raise InputError(f"there are no weights of the model {model} in {MODELS}", "give them with --checkpoint")
    folder = chosen_export(runtime, export_dir, EXPORT, checkpoint, settings, configs[0])
    if folder is None:
        status = _run_configs(configs, paths, output, dicom, settings, hidden=json)
    else:
        opened = open_export(folder, runtime, settings, configs[0])
        status = _run_export(Inference(*opened, show_progress=True), paths, output, dicom, hidden=json)
    results = Path(output) / "results.json"
    if json and results.is_file():
        print(results.read_text(encoding="utf-8"), end="")
    exit_with(status)


def _run_export(inference: Inference, paths: Sequence[str], output: str, dicom: str | None, hidden: bool) -> int:
    """Score by exported files and return the exit status; neither PyTorch nor MONAI is imported."""
    answer = inference(paths, output, dicom)
    if not hidden:
        print(answer.summary())
    return answer.status


def _run_configs(
    configs: Sequence[Path],
    paths: Sequence[str],
    output: str,
    dicom: str | None,
    settings: Mapping[str, Any],
    hidden: bool,
) -> int:
    """Run the configs of inference, and return the exit status; what it prints is hidden where that is asked for."""
    folders = {"output_dir": output, **({} if dicom is None else {"dicom_dir": dicom})}
    overrides = checked_overrides({**settings, **folders}, configs)
    from monai.bundle import ConfigWorkflow  # takes seconds to import, which exported files and --help do without

    printed = contextlib.redirect_stdout(io.StringIO()) if hidden else contextlib.nullcontext()
    with printed:
        workflow = ConfigWorkflow(
            [str(path) for path in configs], meta_file=str(ROOT / "configs" / "metadata.json"), logging_file=None,
            workflow_type="inference", bundle_root=str(ROOT), **{**overrides, "input": list(paths)},
        )  # fmt: skip
        workflow.initialize()
        try:
            workflow.run()
        except SystemExit as end:
            return int(end.code or 0)
    return 0


if __name__ == "__main__":
    run_command(main)
