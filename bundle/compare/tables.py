"""The tables of a comparison, as CSV."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from bundle.compare.differences import TESTED
from bundle.compare.figures import HEADLINE
from bundle.files import write_csv
from bundle.labels import SUBTYPES

Table = Iterator[dict[str, Any]]
OF_SUBTYPES = ("auc", "precision", "recall", "f1")


def write_tables(folder: Path, comparison: Mapping[str, Any]) -> None:
    """Write models.csv, subtypes.csv, confusion.csv and differences.csv.

    A figure has its 95 % interval in ``…_low`` and ``…_high``; what cannot be computed is empty.

    Args:
        folder: that there is.
        comparison: see `bundle.compare.comparison.compare`.
    """
    tables = {"models": _models, "subtypes": _subtypes, "confusion": _confusion, "differences": _differences}
    for name, rows in tables.items():
        _write(folder / f"{name}.csv", list(rows(comparison)))


def _models(comparison: Mapping[str, Any]) -> Table:
    for each in comparison["candidates"]:
        row = {"model": each["model"], "mask": each["mask"], "seeds": len(each["seeds"])}
        yield row | _figures(each["metrics"], {name: name for name in (*HEADLINE, "specificity", "log_loss")})


def _subtypes(comparison: Mapping[str, Any]) -> Table:
    for each in comparison["candidates"]:
        for subtype in SUBTYPES:
            label = comparison["labels"][subtype]
            row = {"model": each["model"], "mask": each["mask"], "subtype": subtype, "positive": label["positive"]}
            yield row | _figures(each["metrics"], {name: f"{name}_{subtype}" for name in OF_SUBTYPES})


def _confusion(comparison: Mapping[str, Any]) -> Table:
    for each in comparison["candidates"]:
        (tn, fp), (fn, tp) = each["confusion"]["any"]
        row = {"model": each["model"], "mask": each["mask"], "seed": each["seeds"][0]}
        yield row | {"tp": tp, "fn": fn, "fp": fp, "tn": tn}


def _differences(comparison: Mapping[str, Any]) -> Table:
    for pair in comparison["differences"]:
        differences: dict[str, Any] = {}
        for figure in TESTED:
            low, high = pair[figure]["interval"] or (None, None)
            differences |= {figure: pair[figure]["difference"], f"{figure}_low": low, f"{figure}_high": high}
        for test in pair["tests"]:
            yield {
                "first": pair["first"],
                "second": pair["second"],
                **differences,
                "seed": test["seed"],
                "mcnemar_p": test["mcnemar"]["p"],
                "delong_p": test["delong"]["p"],
                "delong_p_clustered": test["delong"]["p_clustered"],
            }


def _figures(metrics: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return column → value of figures and their intervals; `names` is column → figure."""
    row: dict[str, float | None] = {}
    for column, name in names.items():
        low, high = metrics[name]["interval"] or (None, None)
        row |= {column: metrics[name]["value"], f"{column}_low": low, f"{column}_high": high}
    return row


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    rows = list(rows)
    if not rows:
        path.unlink(missing_ok=True)
        return
    write_csv(path, rows[0], (row.values() for row in rows))
