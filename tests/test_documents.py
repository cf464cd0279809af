"""What the documents say of the repository is true of it."""

import importlib
import inspect
import re

import pytest

from tests.test_rooms import rooms


@pytest.mark.parametrize("guide", ["development.md"])
def test_files_that_a_guide_names_are_there(root, guide):
    text = (root / "docs" / guide).read_text()
    named = re.findall(r"`((?:bundle|configs|docs|scripts|tests)/[\w./]+\.\w+)`", text)
    assert len(named) > 20
    for name in named:
        assert (root / name).is_file(), name


def test_the_readme_names_every_package(root):
    text = (root / "README.md").read_text()
    for room in rooms(root):
        assert re.search(rf"\b{room}\b", text), room


DEPLOYED = [
    *("conformance", "deployment", "dicom_results", "export", "federated"),
    *("mercure", "monai_deploy", "monai_label", "orthanc"),
]


@pytest.mark.parametrize("document", ["README.md", *(f"docs/{name}.md" for name in DEPLOYED)])
def test_what_brings_it_into_a_hospital_says_what_it_is_not(root, document):
    text = " ".join((root / document).read_text().split())
    assert "it does not alter images, removes no case from a queue, and is not for diagnosis" in text


WITHOUT_EXAMPLE = {
    # The fields of a named tuple are explained one by one; the function that makes it has an example.
    "AucTest", "Fingerprint", "Interval", "Leak", "McNemarTest", "PrecisionRecallCurve", "RocCurve",
    # These need files, weights or a whole head.
    "BrainMask", "BrainMaskd", "RandBleedd", "build_datalist", "build_datalists", "check_datalist", "check_section",
    "read_fingerprints", "read_mask_values", "read_section", "write_table",
    # The example is that of the function or transform beside it.
    "FitSquared", "read_predictions", "write_history",
}  # fmt: skip


@pytest.mark.parametrize("room", ["predictions", "statistics", "metrics", "datalist", "transforms"])
def test_public_functions_and_classes_have_an_example(room):
    """That it is right shows pytest, which runs it (``testpaths`` in pyproject.toml)."""
    package = importlib.import_module(f"bundle.{room}")
    for name in package.__all__:
        found = getattr(package, name)
        if inspect.isfunction(found) or inspect.isclass(found):
            texts = [found.__doc__, *(each.__doc__ for each in vars(found).values() if inspect.isfunction(each))]
            assert name in WITHOUT_EXAMPLE or any(">>>" in (text or "") for text in texts), name


def test_the_examples_of_these_packages_are_run(pytestconfig):
    for room in ("predictions", "statistics", "metrics", "datalist", "transforms"):
        assert f"bundle/{room}" in pytestconfig.getini("testpaths")
    assert pytestconfig.getoption("doctestmodules")
