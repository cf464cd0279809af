"""The rooms of the bundle: each imports only those that the guide to development lists before it, none in a ring.

Imports count wherever they stand in a module, also those within a function.
"""

import ast
import re
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SILENCERS = {"setLevel", "disable", "filterwarnings", "simplefilter"}
"""Methods of loggers and functions of `logging` and `warnings` that change what a whole process says."""


def rooms(root: Path) -> set[str]:
    """Return the packages and modules right below bundle."""
    found = {path.parent.name for path in root.glob("bundle/*/__init__.py")}
    return found | {path.stem for path in root.glob("bundle/*.py")} - {"__init__"}


def listed_rooms(root: Path) -> list[str]:
    """Return the rooms in the order of the guide to development."""
    lines = re.findall(r"^\d+\. ((?:`\w+`(?:, )?)+)", (root / "docs" / "development.md").read_text(), re.MULTILINE)
    return [name for line in lines for name in re.findall(r"\w+", line)]


def modules(root: Path) -> dict[str, ast.Module]:
    """Return the modules of bundle by name, parsed; a package is that of its ``__init__.py``."""
    return {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): ast.parse(path.read_text())
        for path in root.glob("bundle/**/*.py")
    }


def imports(root: Path) -> dict[str, set[str]]:
    """Return the modules that each module of bundle imports, and the names of what is no module of bundle."""
    parsed = modules(root)
    found: dict[str, set[str]] = {name: set() for name in parsed}
    for name, module in parsed.items():
        for node in ast.walk(module):
            if isinstance(node, ast.Import):
                found[name].update(each.name for each in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert not node.level, f"{name} has a relative import"
                whole = [f"{node.module}.{each.name}" for each in node.names]
                found[name].update(each if each in parsed else str(node.module) for each in whole)
    return found


def room_of(module: str) -> str:
    return module.split(".")[1]


def uphill(root: Path) -> list[str]:
    """Return the imports of a room by one that is listed before it."""
    order = listed_rooms(root)
    return sorted(
        f"{name} imports {other}"
        for name, others in imports(root).items()
        for other in others
        if name.startswith("bundle.") and other.startswith("bundle.")
        if order.index(room_of(other)) > order.index(room_of(name))
    )


def ring(root: Path) -> list[str]:
    """Return modules that import each other in a ring; none when there is none."""
    try:
        TopologicalSorter(imports(root)).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_the_guide_lists_every_room_once_and_nothing_else(root):
    listed = listed_rooms(root)
    assert len(listed) == len(set(listed))
    assert rooms(root) == set(listed)


def test_no_room_imports_one_that_comes_after_it(root):
    assert uphill(root) == []


def test_no_modules_import_each_other_in_a_ring(root):
    assert ring(root) == []


def test_the_bundle_imports_no_command_server_or_test(root):
    above = {"scripts", "monai_label", "monailabel", "lib", "federated", "tests", "benchmarks"}
    for name, others in imports(root).items():
        assert not above & {other.split(".")[0] for other in others}, name


def test_no_import_silences_another_package(root):
    """What a process says is set where the work is done, or by a command's beginning."""
    for name, module in modules(root).items():
        at_import = [node for node in module.body if not isinstance(node, ast.FunctionDef | ast.ClassDef)]
        called = {
            node.func.attr
            for statement in at_import
            for node in ast.walk(statement)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        }
        assert not called & SILENCERS, name


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("from bundle.low.first import a", ([], [])),
        ("def late():\n    from bundle.high import b", (["bundle.low.second imports bundle.high"], [])),
        ("import bundle.high", (["bundle.low.second imports bundle.high"], [])),
        ("from bundle.low import first", ([], [])),
        ("from bundle.low import a", ([], ["bundle.low", "bundle.low.second"])),
    ],
)
def test_uphill_imports_and_rings_are_found(tmp_path, statement, found):
    files = {
        "docs/development.md": "1. `low`: words\n2. `high`\n",
        "bundle/__init__.py": "",
        "bundle/low/__init__.py": "from bundle.low.first import a\nfrom bundle.low.second import *",
        "bundle/low/first.py": "a = 1",
        "bundle/low/second.py": statement,
        "bundle/high.py": "b = 2",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert (uphill(tmp_path), sorted(set(ring(tmp_path)))) == found
