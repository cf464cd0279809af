import hashlib
import json
import os
import stat
from zipfile import ZipFile

import pytest

from bundle.errors import InputError
from bundle.packaging import LARGE_FILES, NAME, WEIGHTS, build_package, find_files
from scripts.pack import summarise


def test_the_repository_can_be_packed(checkout, tmp_path):
    package = build_package(checkout, tmp_path, limit=1000)
    version = json.loads((checkout / "configs" / "metadata.json").read_text())["version"]
    assert package.path == tmp_path / f"brain_hemorrhage_classification_v{version}.zip"
    with ZipFile(package.path) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [f"{NAME}/{name}" for name in package.files]
        places = {name.split("/")[1] for name in archive.namelist()}
        known = {"LICENSE", "bundle", "configs", "docs", "federated", "models", "monai_label", "scripts"}
        kinds = ("", "-deploy", "-federated", "-label")
        assert places == known | {f"requirements{kind}.txt" for kind in kinds}
        for entry in archive.infolist():
            assert archive.read(entry) == (checkout / entry.filename.removeprefix(f"{NAME}/")).read_bytes()
            assert entry.date_time == (1980, 1, 1, 0, 0, 0)
            assert entry.external_attr >> 16 == stat.S_IFREG | 0o644


def test_the_same_input_gives_the_same_bytes(bundle_root, tmp_path):
    first = build_package(bundle_root, tmp_path / "first").path.read_bytes()
    for name in find_files(bundle_root):
        os.utime(bundle_root / name, (0, 1e9))
        (bundle_root / name).chmod(0o600)
    assert build_package(bundle_root, tmp_path / "second").path.read_bytes() == first
    with (bundle_root / "LICENSE").open("a") as file:
        file.write("\n")
    assert build_package(bundle_root, tmp_path / "third").path.read_bytes() != first


def test_an_unzipped_bundle_packs_to_the_same_bytes(bundle_root, tmp_path):
    (bundle_root / WEIGHTS).write_bytes(bytes(range(256)) * 12_000)
    package = build_package(bundle_root, tmp_path / "first", limit=2.5, url="https://example.org/weights/")
    with ZipFile(package.path) as archive:
        archive.extractall(tmp_path / "unzipped")
    again = build_package(tmp_path / "unzipped" / NAME, tmp_path / "second", limit=2.5)
    assert again.path.read_bytes() == package.path.read_bytes()


def test_what_runs_leave_is_not_packed(bundle_root, tmp_path):
    before = build_package(bundle_root, tmp_path).path.read_bytes()
    for name in ("output/report.html", "data/a.dcm", "models/last.pt", "bundle/__pycache__/a.pyc", ".venv/a", "eval/a",
                 "monai_label/logs/app.log"):  # fmt: skip
        (bundle_root / name).parent.mkdir(parents=True, exist_ok=True)
        (bundle_root / name).write_text("")
    assert build_package(bundle_root, tmp_path).path.read_bytes() == before


@pytest.mark.parametrize(
    "name", ["notes.txt", "patients/a.dcm", "configs/a.yaml", "bundle/a.so", "docs/.hidden.md", "models/a.pt"]
)
def test_a_file_that_is_no_part_of_the_bundle_is_refused(bundle_root, tmp_path, name):
    (bundle_root / name).parent.mkdir(exist_ok=True)
    (bundle_root / name).write_text("")
    with pytest.raises(InputError, match=rf"{name} is no known part of the bundle; move it away"):
        build_package(bundle_root, tmp_path / "output")
    assert not (tmp_path / "output").exists()


def test_a_link_to_a_folder_is_refused(bundle_root, tmp_path):
    (bundle_root / "docs" / "more").symlink_to(tmp_path)
    with pytest.raises(InputError, match="docs/more is no known part"):
        build_package(bundle_root, tmp_path / "output")


def test_a_large_file_is_listed_with_its_digest(bundle_root, tmp_path):
    weights = b"weights" * 400_000
    (bundle_root / WEIGHTS).write_bytes(weights)
    (bundle_root / "models" / "edge.pt").unlink()
    package = build_package(bundle_root, tmp_path, limit=2.5, url="https://example.org/weights")
    with ZipFile(package.path) as archive:
        assert f"{NAME}/{WEIGHTS}" not in archive.namelist()
        listed = json.loads(archive.read(f"{NAME}/{LARGE_FILES}"))
    digest = hashlib.sha256(weights).hexdigest()
    assert listed == {
        "large_files": [
            {"path": WEIGHTS, "url": "https://example.org/weights/model.pt", "hash_val": digest, "hash_type": "sha256"}
        ]
    }
    assert "https://example.org/weights/model.pt" in summarise(package)
    assert "without an address" in summarise(build_package(bundle_root, tmp_path, limit=2.5))
    whole = build_package(bundle_root, tmp_path, limit=3)
    assert WEIGHTS in whole.files and not whole.large
    (bundle_root / WEIGHTS).unlink()
    assert f"without {WEIGHTS}" in summarise(build_package(bundle_root, tmp_path))


def test_large_files_of_another_hand_are_not_guessed_at(bundle_root, tmp_path):
    (bundle_root / LARGE_FILES).write_text("large_files:\n  - path: models/model.pt\n")
    with pytest.raises(InputError, match=r"large_files\.yml cannot be read"):
        build_package(bundle_root, tmp_path)


@pytest.mark.parametrize("limit", [0, -1, "much"])
def test_a_wrong_limit_is_refused(bundle_root, tmp_path, limit):
    with pytest.raises(InputError, match="must be a number of MB above 0"):
        build_package(bundle_root, tmp_path, limit=limit)


def test_an_output_that_cannot_be_written_is_refused(bundle_root, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written to"):
        build_package(bundle_root, tmp_path / "file" / "output")


def test_the_command_says_one_sentence(bundle_root, change, command):
    change("metadata", "changelog", {})
    done = command("scripts.pack", cwd=bundle_root)
    assert done.returncode == 1
    assert done.stderr.startswith("Error: configs/metadata.json has no version ") and done.stderr.count("\n") == 1
