import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import bundle.report
from bundle.labels import CLASSES
from bundle.report import write_report
from tests.report.test_report_page import evaluation

SCHEMA = json.loads((Path(bundle.report.__file__).parent / "report.schema.json").read_text())


@pytest.mark.parametrize("task", CLASSES)
def test_report_json_is_as_its_schema_says(tmp_path, task):
    Draft202012Validator.check_schema(SCHEMA)
    write_report(evaluation(tmp_path, task))
    content = json.loads((tmp_path / "report.json").read_text())
    Draft202012Validator(SCHEMA).validate(content)
    assert set(content) == set(SCHEMA["properties"]) == set(SCHEMA["required"])
    with pytest.raises(Exception, match="unexpected"):
        Draft202012Validator(SCHEMA).validate({**content, "unheard": 1})
