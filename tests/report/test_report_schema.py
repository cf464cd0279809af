import json
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator

import bundle.report
from bundle.datalist.storage import write_datalist
from bundle.labels import CLASSES
from bundle.predictions import Predictions, write_predictions
from bundle.report import write_report
from bundle.report.sections import SECTIONS
from tests.datalist.examples import datalist, row
from tests.report.test_report_page import evaluation

SCHEMA = json.loads((Path(bundle.report.__file__).parent / "report.schema.json").read_text())
RUN = {"evaluation": {"device": "GPU", "processes": 2, "seconds": 70.5}, "training": None}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A report.json in which nothing is left out."""
    folder = tmp_path_factory.mktemp("evaluation")
    labels = [[0] * 6, [0, 0, 0, 0, 1, 1], [1, 0, 0, 0, 0, 1]]
    rows = [
        row(f"{k}.png", labels[k % 3], f"P{k}", sex="FM"[k % 2], age=20 + k, site="here", manufacturer="X")
        for k in range(60)
    ]
    scores = np.random.default_rng(0).dirichlet(np.ones(6), 60)
    write_predictions(folder / "predictions.csv", Predictions.of_rows(rows, scores, "subtype"))
    write_predictions(folder / "validation.csv", Predictions.of_rows(rows, scores, "subtype"))
    write_datalist(folder / "d.json", datalist(test=rows))
    write_report(folder, datalist=folder / "d.json", run=RUN)
    return json.loads((folder / "report.json").read_text())


def test_report_json_is_as_its_schema_says(told):
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(told)
    assert set(told) == set(SCHEMA["properties"]) == set(SCHEMA["required"])
    assert {section.name for section in SECTIONS if section.compute} < set(told)
    assert set(told["fairness"]) == {"sex", "age", "site", "manufacturer"} and told["fairness"]["sex"]["gaps"]
    assert told["calibration"]["after"]["labels"]["any"]["brier"]["interval"]
    assert told["run"] == RUN


@pytest.mark.parametrize("task", CLASSES)
def test_so_is_one_of_a_folder_that_has_predictions_alone(tmp_path, task):
    write_report(evaluation(tmp_path, task))
    Draft202012Validator(SCHEMA).validate(json.loads((tmp_path / "report.json").read_text()))


def test_what_the_schema_does_not_know_is_refused(told):
    for content in (
        {**told, "unheard": 1},
        {**told, "slices": "many"},
        {**told, "intervals": {**told["intervals"], "metrics": {"accuracy": [0.5]}}},
        {name: value for name, value in told.items() if name != "fairness"},
    ):
        assert not Draft202012Validator(SCHEMA).is_valid(content)


def test_every_key_is_described():
    assert all("description" in value for name, value in SCHEMA["properties"].items() if name != "task")
