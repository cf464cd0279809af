"""The page in a real browser, at the width of a screen and of a phone, and printed."""

import subprocess

import numpy as np
from PIL import Image

from bundle.predictions import Predictions, write_predictions
from bundle.report import write_report
from tests.browser import CHROMIUM, QUIET, needs_chromium
from tests.datalist.examples import row


@needs_chromium
def test_the_page_is_drawn_and_does_not_move_sideways(tmp_path):
    labels = [[0] * 6, [0, 0, 0, 0, 1, 1], [1, 0, 0, 0, 0, 1]]
    rows = [row(f"{k}.png", labels[k % 3], f"P{k}", sex="FM"[k % 2], manufacturer="X" * 40) for k in range(60)]
    scores = np.random.default_rng(0).dirichlet(np.ones(6), 60)
    for name in ("predictions.csv", "validation.csv"):
        write_predictions(tmp_path / name, Predictions.of_rows(rows, scores, "subtype"))
    page = write_report(tmp_path, "test split")
    # A page that is wider than the window, by a table for instance, tells so in its title.
    measured = page.read_text().replace(
        "</body>",
        "<script>document.title = [document.documentElement.scrollWidth, innerWidth, "
        "[...document.images].filter(image => !image.naturalWidth).length].join(' ')</script></body>",
    )
    (tmp_path / "measured.html").write_text(measured)

    def browser(*arguments, name="measured.html"):
        done = subprocess.run(
            [CHROMIUM, *QUIET, f"--user-data-dir={tmp_path / 'profile'}", *arguments, f"file://{tmp_path / name}"],
            capture_output=True, text=True, timeout=120, check=True,
        )  # fmt: skip
        return done.stdout

    for width in (1280, 500):
        dom = browser(f"--window-size={width},900", "--dump-dom")
        wide, window, broken = map(int, dom.partition("<title>")[2].partition("</title>")[0].split())
        assert wide <= window and broken == 0, f"{wide} pixels in a window of {window}"
    browser("--window-size=1000,800", f"--screenshot={tmp_path / 'shot.png'}", name="report.html")
    with Image.open(tmp_path / "shot.png") as shot:
        assert shot.size == (1000, 800)
        assert len(np.unique(np.asarray(shot.convert("L")))) > 20, "something is drawn"
    browser("--no-pdf-header-footer", f"--print-to-pdf={tmp_path / 'page.pdf'}", name="report.html")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")
