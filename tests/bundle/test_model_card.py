import re

import pytest

from bundle.labels import SUBTYPES


def card(folder):
    return (folder / "docs" / "README.md").read_text()


def test_links_lead_to_what_is_in_the_package(workspace):
    for file in (workspace / "docs").glob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", file.read_text()):
            if not target.startswith("https://"):
                assert (file.parent / target).is_file(), f"{file.name}: {target}"


def test_every_command_can_be_run_with_the_package_alone(root):
    lines = [line for block in re.findall(r"^```sh\n(.*?)^```", card(root), re.M | re.S) for line in block.splitlines()]
    assert len(lines) >= 9
    modules = ("pip", "scripts.phantom", "scripts.prepare", "monai.bundle")
    for line in lines:
        assert line.split()[0] == "tensorboard" or line.split()[:2] == ["python", "-m"], line
        assert line.split()[0] == "tensorboard" or line.split()[2] in modules, line


ROW = r"^\| (\w+) \| ([\d.]+) \| (?:([\d.]+) to ([\d.]+)|none) \| (\d+) (?:positive, (\d+) negative|of (\d+)) \|$"


def test_figures_follow_from_the_counts_and_lie_in_their_intervals(root):
    rows = re.findall(ROW, card(root), re.M)
    assert [name for name, *_, total in rows if total] == ["accuracy", "recall", "specificity", "precision"]
    assert len(rows) == 13
    for name, value, low, high, count, negative, total in rows:
        assert float(low) <= float(value) <= float(high) if low else float(value) == 1, name
        assert not negative or name not in ("AUC", *SUBTYPES) or int(count) + int(negative) == 911
        if total:
            assert float(value) == pytest.approx(int(count) / int(total), abs=0.0051), name


def test_figures_are_those_of_the_results(root):
    results = (root / "docs" / "results.md").read_text()
    for name, value, *_ in re.findall(ROW, card(root), re.M):
        assert f"{name} {value}" in results


def test_the_license_of_every_data_set_is_named(root):
    text = (root / "docs" / "data_license.txt").read_text()
    for name in (
        "Phantoms",
        "RSNA 2019",
        "CT-ICH",
        "CQ500",
        "BHSD",
        "INSTANCE",
        "models/brain_mask.pt",
        "models/model.pt",
        "models/edge.pt",
    ):
        assert re.search(rf"^{name}.*\n(?:    .+\n)+", text, re.M), name
