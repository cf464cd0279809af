"""Give the verdict on heads: ``python -m scripts.predict STUDY…``."""

import contextlib
import io
import logging
import sys
from pathlib import Path
from typing import Any

from bundle.command import checked_overrides, exit_with, run_command

ROOT = Path(__file__).parents[1]
CONFIG = ROOT / "configs" / "inference.json"


def main(
    *studies: str,
    output: str = "output/inference",
    json: bool = False,
    dicom: str | None = None,
    **settings: str,
) -> None:
    """Score heads, print the verdict on each, and write tables and a page to look at.

    The verdict is "read first" (a bleed is likely), "read soon" (undecided, or not to be trusted) or "routine" (nothing
    was found in a whole head). It is configs/inference.json that runs; its results are described in README.md. For
    research only: it is not a medical device.

    Exit status: 0 if everything was scored or left out, 2 if some files failed, 1 if nothing was scored, 130 after
    Ctrl-C.

    Args:
        studies: DICOM files, series, NIfTI volumes, PNG or JPEG files, or folder trees of any of them.
        output: folder of the results: index.html, series.csv, slices.csv, left_out.csv, failed.csv, results.json.
        json: print results.json instead of the verdicts.
        dicom: folder for results that a PACS can file, of each head a report, a heat map and key objects; without it
            none are written. See docs/dicom_results.md.
        settings: any other key of configs/inference.json, as --overlays 3, --all_series true or --checkpoint FILE.
    """
    folders = {"output_dir": output, **({} if dicom is None else {"dicom_dir": dicom})}
    overrides = checked_overrides({**settings, **folders}, [CONFIG])
    status = _run({**overrides, "input": [str(Path(each).absolute()) for each in studies]}, hidden=json)
    folder = Path(overrides["output_dir"])
    if json and (folder / "results.json").is_file():
        print((folder / "results.json").read_text(encoding="utf-8"), end="")
    exit_with(status)


def _run(overrides: dict[str, Any], hidden: bool) -> int:
    """Run the config of inference, and return its exit status; what it prints is hidden where that is asked for."""
    from monai.bundle import ConfigWorkflow  # takes seconds to import, which --help need not wait for

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(message)s")
    printed = contextlib.redirect_stdout(io.StringIO()) if hidden else contextlib.nullcontext()
    with printed:
        workflow = ConfigWorkflow(
            str(CONFIG), meta_file=str(ROOT / "configs" / "metadata.json"), logging_file=None,
            workflow_type="inference", bundle_root=str(ROOT), **overrides,
        )  # fmt: skip
        workflow.initialize()
        try:
            workflow.run()
        except SystemExit as end:
            return int(end.code or 0)
    return 0


if __name__ == "__main__":
    run_command(main)
