"""Rebuild the report of an evaluation: ``python -m scripts.report EVALUATION_DIR``."""

from collections.abc import Sequence

from bundle.command import run_command
from bundle.report import check_shares, write_report


def main(
    evaluation_dir: str,
    dataset: str | None = None,
    history: str | None = None,
    sensitivities: Sequence[float] | float | None = None,
    specificities: Sequence[float] | float | None = None,
    datalist: str | None = None,
    section: str = "test",
) -> str:
    """Write report.html, report.json and figures/ again from the predictions.csv of an evaluation.

    Temperature and thresholds are chosen on validation.csv, which has the same format, if it is in the same folder.
    Options that are not given are taken from the existing report.

    Args:
        evaluation_dir: folder with predictions.csv, from this bundle or another program.
        dataset: name of the data set and split.
        history: history.csv of the training.
        sensitivities: targets for which a threshold is chosen on the validation split, for example 0.9,0.95.
        specificities: the same for the specificity, for example 0.9.
        datalist: datalist of the predictions; slices without a prediction are counted.
        section: section of the datalist.

    Returns:
        The path of report.html.
    """
    return str(
        write_report(
            evaluation_dir,
            dataset=dataset,
            history=history,
            sensitivities=None if sensitivities is None else check_shares("sensitivities", sensitivities),
            specificities=None if specificities is None else check_shares("specificities", specificities),
            datalist=datalist,
            section=section,
        )
    )


if __name__ == "__main__":
    run_command(main)
