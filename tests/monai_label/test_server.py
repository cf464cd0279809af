"""A real server of MONAI Label on this machine, asked over HTTP; the guide's commands start it and ask it."""

import csv
import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.parse import quote

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from bundle.phantom import make_head
from bundle.phantom.dicom import slice_dataset
from bundle.readers import read_dicom_series
from tests.conftest import copy_bundle

NAME = "brain_hemorrhage_classification"
CLASSES = ["normal", "epidural", "intraparenchymal", "intraventricular", "subarachnoid", "subdural"]
EMPTY = (12, 13)
"""Slices of a head that show nothing."""
PHANTOMS = "PHANTOM_ARGS=--patients 10 --slices 3 --size 96"


@pytest.fixture(scope="module")
def label_environment():
    folder = os.environ.get("LABEL_VENV")
    if not folder:
        pytest.skip("LABEL_VENV names no environment of MONAI Label: `make test-label` makes it and runs this")
    return Path(folder)


@pytest.fixture(scope="module")
def commands(root):
    blocks = re.findall(r"^```sh\n(.*?)^```", (root / "docs" / "monai_label.md").read_text(), re.MULTILINE | re.DOTALL)
    lines = "".join(blocks).splitlines()
    assert len(lines) == 5, "from nothing to class scores"
    return lines


@pytest.fixture(scope="module")
def folder(label_environment, commands, tmp_path_factory):
    """The bundle with phantoms, as the guide's first three commands leave it."""
    folder = copy_bundle(tmp_path_factory.mktemp("served") / NAME)
    venv = [f"VENV={sys.prefix}", "--assume-old", f"{sys.prefix}/installed"]
    done = subprocess.run([*shlex.split(commands[0]), PHANTOMS, *venv], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    made = subprocess.run(
        ["make", "--dry-run", "test-label", "LABEL_VENV=.venv-label", *venv],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    words = made.stdout.replace(" --quiet --disable-pip-version-check", "")
    assert all(line in words for line in commands[1:3]), "make test-label made this environment as the guide says"
    (folder / ".venv-label").symlink_to(label_environment)
    return folder


@pytest.fixture(scope="module")
def images(folder):
    """One image of each kind, by what it is."""
    made = folder / "data" / "images"
    dicom = sorted((folder / "data" / "phantom" / "stage_2_train").glob("*.dcm"))
    series = folder / "data" / "series"
    series.mkdir(parents=True)
    with (folder / "data" / "phantom" / "datalist.json").open() as file:
        content = json.load(file)
    rows = [row for section in ("training", "validation", "test") for row in content[section]]
    for row in rows:
        if row["series"] == rows[0]["series"]:
            shutil.copy(folder / "data" / "phantom" / row["image"], series)
    volume, meta = read_dicom_series(sorted(series.iterdir()))
    made.mkdir()
    nib.save(nib.Nifti1Image(volume, meta["affine"]), made / "volume.nii.gz")
    grey = np.clip((volume[..., 1] + 20) / 100 * 255, 0, 255).astype(np.uint8)
    Image.fromarray(grey).save(made / "slice.png")
    gap, head = folder / "data" / "gap", make_head(5, slices=30, size=96, bleed=())
    gap.mkdir()
    for index in (*range(12), *range(20, 30)):
        slice_dataset(head, index, ("gap", 0)).save_as(gap / f"{index}.dcm", enforce_file_format=True)
    empty = folder / "data" / "empty"
    empty.mkdir()
    for index in range(30):
        dataset = slice_dataset(head, index, ("empty", 0))
        if index in EMPTY:
            dataset.PixelData = bytes(len(dataset.PixelData))
        dataset.save_as(empty / f"{index}.dcm", enforce_file_format=True)
    return {
        "dicom": dicom[0], "png": made / "slice.png", "nifti": made / "volume.nii.gz", "series": series, "gap": gap,
        "empty": empty,
    }  # fmt: skip


@pytest.fixture(scope="module")
def server(folder, commands):
    """The address of a running server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert "--port 8000" in commands[3]
    log = folder / "server.log"
    with log.open("w") as file:
        process = subprocess.Popen(
            shlex.split(commands[3].replace("8000", str(port))), cwd=folder, stdout=file, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                ask(f"{address}/info/")
                break
            except URLError:
                assert process.poll() is None, log.read_text()
                time.sleep(0.5)
        else:
            pytest.fail(log.read_text())
        yield address
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def ask(url, method="GET", files=None, body=None):
    headers, data = {}, None
    if files is not None:
        parts = [
            f'--x\r\nContent-Disposition: form-data; name="{key}"; filename="{name}"\r\n\r\n'.encode()
            + content
            + b"\r\n"
            for key, (name, content) in files.items()
        ]
        headers, data = {"Content-Type": "multipart/form-data; boundary=x"}, b"".join(parts) + b"--x--\r\n"
    elif body is not None:
        headers, data = {"Content-Type": "application/json"}, json.dumps(body).encode()
    request = urllib.request.Request(url, data, headers, method=method)
    with urllib.request.urlopen(request, timeout=300) as answer:
        return json.load(answer)


def scores(prediction):
    assert [entry["idx"] for entry in prediction] == list(range(7))
    return {entry["label"]: entry["score"] for entry in prediction}


def infer_by_config(folder, image, command):
    output = folder / "output" / "compared"
    done = command(
        "monai.bundle", "run", "--config_file", "configs/inference.json",
        "--input", image, "--output_dir", output, cwd=folder,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [list(csv.DictReader((output / name).read_text().splitlines())) for name in ("slices.csv", "series.csv")]


def test_the_task_is_found_by_its_name(server):
    info = ask(f"{server}/info/")
    assert info["name"] == "Brain hemorrhage classification"
    assert info["labels"] == [*CLASSES, "any"]
    assert list(info["models"]) == list(info["trainers"]) == [NAME]
    task = info["models"][NAME]
    assert task["type"] == "classification"
    assert "five subtypes of intracranial hemorrhage" in task["description"]
    assert info["datastore"]["total"] == 30


def test_the_guide_s_last_command_gives_scores(server, folder, commands):
    line = commands[4].replace("http://127.0.0.1:8000", server)
    done = subprocess.run(line, shell=True, cwd=folder, capture_output=True, text=True, check=True)
    found = scores(json.loads(done.stdout)["prediction"])
    assert sum(found[name] for name in CLASSES) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("kind", ["dicom", "png", "nifti", "series", "gap", "empty"])
def test_scores_are_those_of_the_config(server, folder, images, command, kind):
    image = images[kind]
    address = f"{server}/infer/{NAME}?output=json"
    if image.is_dir():
        answer = ask(f"{address}&image={quote(str(image))}", "POST", {})
    else:
        answer = ask(address, "POST", {"file": (image.name, image.read_bytes())})
    slices, (series,) = infer_by_config(folder, image, command)
    found = scores(answer["prediction"])
    assert answer["slices"] == len(slices) == int(series["slices"])
    for name in (*CLASSES[1:], "any"):
        assert found[name] == pytest.approx(float(series[f"p_{name}"]), abs=1e-4)
    worst = max(range(len(slices)), key=lambda index: float(slices[index]["p_any"]))
    assert found["normal"] == pytest.approx(1 - float(series["p_any"]), abs=1e-4)
    assert (answer["action"], answer["refer_reason"]) == (series["action"], series["refer_reason"])
    assert (answer["readers"], answer["missing"]) == ("model.pt and edge.pt", [])
    assert kind != "gap" or "no slice for" in answer["refer_reason"]
    assert kind != "empty" or "2 of its slices could not be scored" in answer["refer_reason"]
    assert ("most_suspicious" in answer) == (len(slices) > 1)
    if len(slices) > 1:
        index = worst + len(EMPTY) if kind == "empty" and worst >= EMPTY[0] else worst
        assert answer["most_suspicious"]["slice"] == index
        of_slice = scores(answer["most_suspicious"]["prediction"])
        assert of_slice == pytest.approx({name: float(slices[worst][f"p_{name}"]) for name in of_slice}, abs=1e-4)


@pytest.mark.parametrize("image", ["none", "empty"])
def test_bad_input_is_one_sentence(server, tmp_path, image):
    files = {"file": ("a.dcm", b"no image")} if image == "empty" else {}
    query = "" if files else "&image=nowhere"
    with pytest.raises(HTTPError) as error:
        ask(f"{server}/infer/{NAME}?output=json{query}", "POST", files)
    assert error.value.code == 400
    assert json.load(error.value)["detail"].count("\n") == 0


def test_training_refuses_too_few_and_then_trains(server, folder, images):
    data = json.loads((folder / "data" / "phantom" / "datalist.json").read_text())
    rows = data["training"] + data["validation"]
    with pytest.raises(HTTPError) as error:
        ask(f"{server}/train/{NAME}?run_sync=true", "POST", body={"max_epochs": 1})
    assert error.value.code == 400
    assert json.load(error.value)["detail"].startswith("0 labelled slices have a hemorrhage and 0 have none")
    assert train(server)["status"] == "ERROR"
    labels = dict(zip(data["labels"], range(6), strict=True))
    for row in rows:
        content = {name: row["label"][place] for name, place in labels.items()} | {"patient": row["patient"]}
        label = {"label": ("label.json", json.dumps(content).encode())}
        ask(f"{server}/datastore/label?image={Path(row['image']).stem}", "PUT", label)
    assert ask(f"{server}/info/")["datastore"]["completed"] == len(rows)
    before = (folder / "models" / "model.pt").read_bytes()
    done = train(server)
    assert done["status"] == "DONE", done["details"]
    assert (folder / "output" / "monai_label" / "previous.pt").read_bytes() == before
    assert (folder / "models" / "model.pt").read_bytes() != before
    assert len((folder / "output" / "monai_label" / "history.csv").read_text().splitlines()) == 2
    answer = ask(f"{server}/infer/{NAME}?output=json", "POST", {"file": ("a.dcm", images["dicom"].read_bytes())})
    assert answer["readers"] == "model.pt", "the second is of the weights before"
    assert len(answer["missing"]) == 2 and answer["action"] != "routine"


def train(server):
    ask(f"{server}/train/{NAME}", "POST", body={"max_epochs": 1})
    for _ in range(240):
        task = ask(f"{server}/train/")
        if task["status"] in ("DONE", "ERROR"):
            return task
        time.sleep(0.5)
    raise AssertionError(task)
