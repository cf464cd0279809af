import json
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator

import bundle.report
from bundle.errors import InputError
from bundle.predictions import Predictions, write_predictions
from bundle.report import write_report
from tests.report.test_report_page import Page

SCHEMA = json.loads((Path(bundle.report.__file__).parent / "report.schema.json").read_text())


def evaluation(folder, slices, patients=6, hits=0.7, better=0.2, **others):
    """Write predictions and their check: `slices` bleeds, of which a share of peaks hits, in 4 slices a patient."""
    rng = np.random.default_rng(0)
    rows = [{"image": f"{k}", "patient": f"P{k % patients}", "label": [1, 0, 0, 0, 0, 1]} for k in range(slices)]
    write_predictions(folder / "predictions.csv", Predictions.of_rows(rows, np.full((slices, 2), 0.5), "binary"))
    records = [
        {
            "line": k + 2, "class": "hemorrhage", "no_heat": k == 0, "inside": bool(rng.random() < hits / 2),
            "near": bool(rng.random() < hits), "chance_inside": 0.05, "chance_near": 0.1,
            "deletion": np.linspace(0.8 - better + 0.1 * (-1) ** k, 0, 11).tolist(),
            "random": np.linspace(0.8, 0, 11).tolist(),
        }
        for k in range(slices)
    ]  # fmt: skip
    content = {"method": "gradcam", "layer": "conv", "tolerance": 0.03, "outlined": slices + 5, "slices": records}
    (folder / "explanation.json").write_text(json.dumps({**content, **others}))
    return records


def read(folder):
    page = Page(write_report(folder).read_text())
    content = json.loads((folder / "report.json").read_text())
    Draft202012Validator(SCHEMA).validate(content)
    return content["explanation"], page


def test_shares_areas_and_intervals(tmp_path):
    records = evaluation(tmp_path, 60)
    explanation, page = read(tmp_path)
    near = explanation["pointing"]["near"]
    hits = sum(each["near"] for each in records)
    assert (near["hits"], near["share"]["value"]) == (hits, pytest.approx(hits / 60))
    low, high = near["share"]["interval"]
    assert low < near["share"]["value"] < high
    assert near["chance"]["value"] == pytest.approx(0.1)
    assert near["above_chance"]["value"] == pytest.approx(hits / 60 - 0.1)
    assert near["above_chance"]["interval"] == pytest.approx([low - 0.1, high - 0.1])
    deletion = explanation["deletion"]
    areas = [np.mean(each["deletion"]) for each in records]
    assert deletion["area_explained"]["value"] == pytest.approx(np.mean(areas)), "of a straight line the mean"
    assert deletion["difference"]["interval"][0] > 0
    assert (explanation["slices"], explanation["outlined"], explanation["patients"], explanation["no_heat"]) == (
        60, 65, 6, 1,
    )  # fmt: skip
    assert "checked: 60 of 6 patients, drawn at random" in page.text
    assert "The regions that the map marks are more important to the network than random regions." in page.text
    assert (tmp_path / "figures" / "deletion.png").is_file()


def test_no_difference_is_said(tmp_path):
    evaluation(tmp_path, 40, better=0)
    assert "It is not shown that the regions" in read(tmp_path)[1].text


def test_one_patient_gives_no_interval_and_no_conclusion(tmp_path):
    evaluation(tmp_path, 5, patients=1)
    explanation, page = read(tmp_path)
    assert explanation["pointing"]["inside"]["share"]["interval"] is None
    assert "nothing can be concluded" in page.text


def test_without_a_check_the_page_says_so_and_an_old_figure_goes(tmp_path):
    evaluation(tmp_path, 8)
    read(tmp_path)
    (tmp_path / "explanation.json").unlink()
    explanation, page = read(tmp_path)
    assert explanation is None
    assert "No explanation was checked" in page.text
    assert not (tmp_path / "figures" / "deletion.png").exists()


@pytest.mark.parametrize("text", ["{", "[]", '{"slices": []}', '{"slices": [{"line": 99}]}'])
def test_a_check_of_other_slices_is_one_sentence(tmp_path, text):
    evaluation(tmp_path, 8)
    (tmp_path / "explanation.json").write_text(text)
    with pytest.raises(InputError, match=r"explanation\.json is not the check of these predictions"):
        write_report(tmp_path)
