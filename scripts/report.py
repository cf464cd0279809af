"""Rebuild the report of an evaluation: ``python -m scripts.report EVALUATION_DIR``."""

from bundle.command import run_command
from bundle.report import write_report


def main(evaluation_dir: str, dataset: str | None = None, history: str | None = None) -> str:
    """Write report.html, report.json and figures/ anew from the predictions.csv of an evaluation.

    Args:
        evaluation_dir: folder with predictions.csv, from this bundle or elsewhere.
        dataset: name of the data set and split; that of the earlier report unless given.
        history: history.csv of the training; the one in the folder unless given.

    Returns:
        The path of report.html.
    """
    return str(write_report(str(evaluation_dir), dataset=dataset, history=history))


if __name__ == "__main__":
    run_command(main)
