"""What a comparison leaves: the page, its numbers, tables and figures."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bundle.compare.figures import HEADLINE, draw_comparison
from bundle.compare.results import Candidate
from bundle.compare.tables import OF_SUBTYPES, write_tables
from bundle.errors import InputError
from bundle.figures import save_figure
from bundle.labels import ABBREVIATIONS, SUBTYPES
from bundle.pages import data_uri, page_environment


def write_comparison(output: Path, candidates: Sequence[Candidate], comparison: Mapping[str, Any]) -> Path:
    """Write comparison.html, comparison.json, ``tables/*.csv`` and ``figures/*.png``; return the page's path.

    Args:
        output: folder of the comparison.
        candidates: what is compared.
        comparison: of them, see `bundle.compare.comparison.compare`.

    Raises:
        InputError: when the folder cannot be written.
    """
    page = output / "comparison.html"
    figures, tables = output / "figures", output / "tables"
    with _one_sentence(output):
        for folder in (figures, tables):
            folder.mkdir(parents=True, exist_ok=True)
        for old in figures.glob("*.png"):
            old.unlink()
        drawn = draw_comparison(candidates, comparison)
        saved = {name: save_figure(each, figures / f"{name}.png") for name, each in drawn.items() if each is not None}
        write_tables(tables, comparison)
        (output / "comparison.json").write_text(
            json.dumps(comparison, indent=2, allow_nan=False) + "\n", encoding="utf-8"
        )
    content = _render(comparison, saved)
    with _one_sentence(output):
        page.write_text(content, encoding="utf-8")
    return page


@contextmanager
def _one_sentence(output: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"cannot be written to ({error.strerror})", "make it writable", output) from error


def _render(comparison: Mapping[str, Any], figures: Mapping[str, Path]) -> str:
    return (
        page_environment(Path(__file__).parent)
        .get_template("comparison.html.j2")
        .render(
            comparison=comparison,
            paper=comparison["paper"],
            titles={each["name"]: each["title"] for each in comparison["candidates"]},
            figures={name: data_uri(path) for name, path in figures.items()},
            headline=HEADLINE,
            subtypes=SUBTYPES,
            of_subtypes=OF_SUBTYPES,
            abbreviations=ABBREVIATIONS,
        )
    )
