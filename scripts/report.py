"""Rebuild the report of an evaluation: ``python -m scripts.report EVALUATION_DIR``."""

from collections.abc import Sequence

from bundle.command import run_command
from bundle.errors import InputError
from bundle.report import write_report


def main(
    evaluation_dir: str,
    dataset: str | None = None,
    history: str | None = None,
    sensitivities: Sequence[float] | float | None = None,
    specificities: Sequence[float] | float | None = None,
    datalist: str | None = None,
    section: str = "test",
) -> str:
    """Write report.html, report.json and figures/ anew from the predictions.csv of an evaluation.

    Temperature and thresholds are chosen on validation.csv, of the same form, where it lies beside. What is not given
    stays as the earlier report had it.

    Args:
        evaluation_dir: folder with predictions.csv, from this bundle or elsewhere.
        dataset: name of the data set and split.
        history: history.csv of the training.
        sensitivities: for which a threshold is chosen on the validation, as 0.9,0.95.
        specificities: the same, as 0.9.
        datalist: whose section the predictions are of; slices that have none are counted.
        section: of the datalist.

    Returns:
        The path of report.html.
    """
    return str(
        write_report(
            str(evaluation_dir),
            dataset=dataset,
            history=history,
            sensitivities=_shares("sensitivities", sensitivities),
            specificities=_shares("specificities", specificities),
            datalist=datalist,
            section=section,
        )
    )


def _shares(name: str, given: Sequence[float] | float | None) -> list[float] | None:
    if given is None:
        return None
    shares = list(given) if isinstance(given, Sequence) and not isinstance(given, str) else [given]
    for share in shares:
        if not isinstance(share, int | float) or not 0 < share <= 1:
            raise InputError(f"--{name} must be shares above 0 and at most 1, as 0.9,0.95, got {share!r}")
    return shares


if __name__ == "__main__":
    run_command(main)
