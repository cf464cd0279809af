"""Two sites of phantoms with different hemorrhages train one network, by the commands of the guide."""

import json
import os
import re
import shlex
import subprocess
import sys
from importlib.util import find_spec

import pytest
import torch

from bundle.datalist import write_datalist
from bundle.errors import InputError
from bundle.files.weights import read_weights
from bundle.labels import LABELS

pytestmark = pytest.mark.skipif(
    find_spec("nvflare") is None and not os.environ.get("REQUIRE_NVFLARE"),
    reason="no NVFlare in this environment: `make test-federated` installs it and runs this",
)
QUICK = ("--gradcam_slices", "0", "--checked_explanations", "0", "--mirrored", "false")
SAME = ("--image_size", "64", "--mask", "false")
TOGETHER = {"OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE", "PYTHONWARNINGS": "ignore"}


def run_all(root, *commands):
    """Run commands at the same time; each must succeed."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", *command], cwd=root, env={**os.environ, **TOGETHER},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for command in commands
    ]  # fmt: skip
    for process in started:
        printed, _ = process.communicate()
        assert process.returncode == 0, printed


@pytest.fixture(scope="module")
def commands(root, tmp_path_factory):
    """The guide's commands, with another place for what they write."""
    folder = tmp_path_factory.mktemp("federated")
    blocks = re.findall(r"^```sh\n(.*?)^```", (root / "docs" / "federated.md").read_text(), re.MULTILINE | re.DOTALL)
    lines = [shlex.split(line)[2:] for block in blocks for line in block.splitlines()]
    moved = [[re.sub(r"\b(data|output)/", rf"{folder}/\1/", word) for word in line] for line in lines]
    return folder, moved


@pytest.fixture(scope="module")
def federation(root, commands):
    folder, (phantoms, simulate, evaluate, _) = commands
    run_all(root, phantoms)
    run_all(root, simulate)
    return folder, evaluate


def test_the_global_network_is_better_than_the_mean_of_the_sites(root, federation):
    folder, evaluate = federation
    sites = ("inside", "outside")
    train = ["monai.bundle", "run", "training", "--config_file", "configs/train.json", "--max_epochs", "3",
             "--pretrained", "models/model.pt", "--batch_size", "32", "--learning_rate", "0.0005", *SAME]  # fmt: skip
    run_all(
        root,
        *([*train, "--dataset_dir", folder / "data/sites" / site, "--output_dir", folder / site] for site in sites),
    )
    place = evaluate.index("--checkpoint") + 1
    assert evaluate[place] == str(folder / "output/federated/model.pt")
    run_all(root, [*evaluate, *QUICK])
    alone = [["--checkpoint", folder / site / "models" / "model.pt", "--output_dir", folder / site] for site in sites]
    given = [word for word in evaluate if word not in {"--checkpoint", evaluate[place]}]
    output = given.index("--output_dir")
    del given[output : output + 2]
    run_all(root, *([*given, *QUICK, *each] for each in alone))
    reports = {
        name: json.loads((folder / path / "evaluation" / "report.json").read_text())["metrics"]
        for name, path in {"global": "output/federated/common", **{site: site for site in sites}}.items()
    }
    for metric in ("auc_any", "auc_macro"):
        mean = sum(reports[site][metric] for site in sites) / 2
        assert reports["global"][metric] > mean + 0.01, {name: report[metric] for name, report in reports.items()}


def test_the_global_weights_are_those_of_the_bundle(root, federation, tmp_path):
    folder, _ = federation
    path = folder / "output/federated/model.pt"
    weights, included = torch.load(path, weights_only=True), read_weights(root / "models" / "model.pt")
    assert weights.keys() == included.keys()
    for name, value in weights.items():
        assert value.dtype == (torch.int64 if name.endswith("num_batches_tracked") else torch.float32), name
        assert value.isfinite().all(), name
        if name.endswith("running_var"):
            # Half precision has made 0 of some of the included ones, all of channels without any signal.
            assert (value[included[name] > 0] > 0).all() and (value >= 0).all(), name
    assert any(not torch.equal(value, included[name].to(value.dtype)) for name, value in weights.items())
    images = sorted((folder / "data/sites/common/stage_2_train").iterdir())[0]
    infer = ["monai.bundle", "run", "--config_file", "configs/inference.json", "--checkpoint", path]
    run_all(root, [*infer, "--input", images, "--output_dir", tmp_path, *SAME])
    assert (tmp_path / "slices.csv").read_text().count("\n") == 2


def test_each_site_keeps_its_course_and_judges_the_global_network(federation):
    folder, _ = federation
    for site in ("inside", "outside"):
        kept = folder / "output/federated" / site
        assert (kept / "history.csv").read_text().count("\n") == 1 + 3
        assert (kept / "models" / "model.pt").is_file() and (kept / "global" / "model.pt").is_file()


def test_a_job_for_real_sites_holds_no_path(root, commands):
    folder, (*_, export) = commands
    run_all(root, export)
    job = folder / "output/job"
    configs = {path: path.read_text() for path in job.rglob("*.json")}
    assert any("${secret:HEMORRHAGE_DATASET}" in text for text in configs.values())
    assert any("federated.network.first_network" in text for text in configs.values())
    for path, text in configs.items():
        assert str(root) not in text and str(folder) not in text, path


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"sites": "alone=."}, "give two or more as SITE=FOLDER"),
        ({"sites": "a=missing,b=."}, "missing/datalist.json does not exist"),
        ({"sites": "a=.,b=.", "learning_rat": "1"}, "did you mean learning_rate"),
        ({"sites": "a=.,b=.", "clinical_numbers": "['age']"}, "which a federation cannot train with; leave it out"),
    ],
)
def test_what_cannot_be_run_is_refused_in_a_sentence(tmp_path, given, sentence):
    from federated import job

    with pytest.raises(InputError, match=sentence):
        job.simulate(str(tmp_path / "out"), **given)


def test_a_federation_that_fails_says_where_its_logs_are(tmp_path, monkeypatch):
    from federated import job

    def fail(*arguments):
        raise RuntimeError("Simulation failed with return code 2")

    monkeypatch.setattr(job.FedAvgRecipe, "run", fail)
    datalist = {"name": "site", "source": "test", "labels": list(LABELS), "training": [], "validation": [], "test": []}
    for site in "ab":
        (tmp_path / site).mkdir()
        write_datalist(tmp_path / site / "datalist.json", datalist)
    with pytest.raises(InputError, match="holds the logs of a federation that failed"):
        job.simulate(str(tmp_path / "out"), f"a={tmp_path / 'a'},b={tmp_path / 'b'}")
    assert not (tmp_path / "out" / "model.pt").exists()


def test_variances_below_zero_are_refused(root, tmp_path):
    """What adding up differences as if they were weights leads to."""
    from federated.global_weights import save_global_weights

    state = {name: value.float() for name, value in read_weights(root / "models" / "model.pt").items()}
    name = next(name for name in state if name.endswith("running_var"))
    torch.save({"model": {**state, name: -1 - state[name]}}, tmp_path / "FL_global_model.pt")
    with pytest.raises(InputError, match=f"variances below 0 or not a number, as {name}"):
        save_global_weights(tmp_path / "FL_global_model.pt", tmp_path / "model.pt", {})
    assert not (tmp_path / "model.pt").exists()
