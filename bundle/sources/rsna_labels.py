"""The labels of the RSNA 2019 challenge, from its CSV in long form."""

from pathlib import Path

from bundle.datalist import Skipped
from bundle.errors import InputError
from bundle.labels import LABELS, Label, check_label
from bundle.sources.delimited import FLAGS, read_columns

_REMEDY = "put the labels of the RSNA challenge there"
_NO_ROW = -1


def read_rsna_labels(file: Path) -> tuple[dict[str, Label], list[Skipped], list[str]]:
    """Gather the rows of each image into one label.

    Identical rows count once; a label without a row, or with an empty value, is unknown. Images whose rows contradict
    each other are left out.

    Args:
        file: CSV with the columns ``ID`` (``ID_<id>_<label>``) and ``Label`` (1, 0 or empty).

    Returns:
        The label of each image ``ID_<id>``, what was left out, and notes on repeated and missing rows.

    Raises:
        InputError: when the file is missing or unreadable, lacks a column, or a row has an unknown label or value.
    """
    columns = {name: index for index, name in enumerate(LABELS)}
    table: dict[str, list[int | None]] = {}
    repeated, contradicting = 0, {}
    for line, (row_id, value) in read_columns(file, ("ID", "Label"), _REMEDY):
        image, _, name = row_id.rpartition("_")
        if name not in columns or not image:
            problem = f"line {line} has the ID {row_id!r}, which must end in _ and one of {', '.join(LABELS)}"
            raise InputError(problem, "correct it", file)
        if value not in FLAGS:
            raise InputError(f"line {line} has the Label {value!r} for {row_id}", "write 1, 0 or nothing", file)
        label = table.get(image)
        if label is None:
            label = table[image] = [_NO_ROW] * len(LABELS)
        column, number = columns[name], FLAGS[value]
        if label[column] == _NO_ROW:
            label[column] = number
        elif label[column] == number:
            repeated += 1
        else:
            contradicting[image] = f"its rows for {name} contradict each other"
    labels, incomplete = {}, 0
    for image, values in table.items():
        incomplete += _NO_ROW in values
        try:
            if image not in contradicting:
                labels[image] = check_label([None if value == _NO_ROW else value for value in values])
        except ValueError as error:
            contradicting[image] = str(error)
    notes = [f"{repeated} rows of the CSV repeat another and were dropped"] if repeated else []
    if incomplete:
        notes.append(
            f"{incomplete} images lack rows of some labels, which are unknown unless the other labels imply them"
        )
    return labels, [Skipped(image, reason) for image, reason in contradicting.items()], notes
