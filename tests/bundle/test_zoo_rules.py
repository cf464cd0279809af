"""The rules of https://github.com/Project-MONAI/model-zoo/blob/dev/CONTRIBUTING.md, each a test of its name.

They are checked as the Zoo's verify_bundle.py and its unit tests do: from a folder above that of the bundle, which is
given by a relative path. The bundle is the unzipped package with the weights of a short training.
"""

import json
import re
import shlex
import shutil
import sys
from zipfile import ZipFile

import jsonschema
import pytest
import torch
from monai.bundle import ConfigParser, ConfigWorkflow, ckpt_export, verify_metadata, verify_net_in_out
from monai.utils import set_determinism

from bundle.command import checked_overrides
from bundle.command.overrides import given_on
from bundle.export import export_folder
from bundle.packaging import LARGE_FILES, NAME, build_package
from tests.conftest import ROOT
from tests.export.tiny import tiny_setup

NO_WORKFLOW = {"metadata", "meta_schema_20240725"}
ONE_PROCESS = {"RANK": "0", "LOCAL_RANK": "0", "WORLD_SIZE": "1", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "0"}
FEWER = {
    "train": {"image_size": 32, "batch_size": 4, "max_epochs": 1, "num_workers": 0},
    "inference": {"image_size": 32, "num_workers": 0},
    "train_brain_mask": {"head_ct_data": None, "phantoms": 1, "phantom_slices": 2, "batch_size": 2, "max_epochs": 1},
}
"""What is overridden so that a run takes seconds, by the first config of a stack."""

pytestmark = pytest.mark.filterwarnings("ignore:parsing config_file:UserWarning", "ignore:No hash value:UserWarning")


@pytest.fixture(autouse=True)
def bundle_path(trained, monkeypatch):
    """The bundle's path as the Zoo gives it, ``models/<name>``."""
    monkeypatch.chdir(trained.parents[1])
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield trained.relative_to(trained.parents[1])
    set_determinism(None)


def read(path):
    parser = ConfigParser()
    parser.read_config(path)
    return parser


def config_names(folder):
    return sorted({path.stem for path in (folder / "configs").glob("*.json")} - NO_WORKFLOW)


def command_of(folder, name):
    """Return what a config is run with, as its first line says: its stack of configs, the id and the overrides."""
    line = json.loads((folder / "configs" / f"{name}.json").read_text()).get("_command_")
    if line is None:
        return [name], "run", {}
    words = line.split("monai.bundle run ")[1]
    stack = re.findall(r"configs/(\w+)\.json", words)
    assert stack[-1] == name
    given = given_on(shlex.split(words))
    files = [folder / "configs" / f"{each}.json" for each in stack]
    overrides = checked_overrides({key: value for key, value in given.items() if key != "config_file"}, files)
    return stack, "run" if words.startswith("--") else words.split()[0], overrides


# Preparing a bundle


def test_paths_in_configs_are_not_personal(bundle_path, package):
    """Nor are they anywhere else in the package."""
    with ZipFile(package) as archive:
        for name in archive.namelist():
            if not name.endswith((".png", ".pt", ".npz")):
                text = archive.read(name).decode()
                assert not re.search(r"(?<![\w.}])/(?:home|root|Users|tmp|work|mnt)/\w|[A-Z]:\\\w", text), name


def test_file_names_suit_every_file_system(package):
    with ZipFile(package) as archive:
        names = archive.namelist()
    assert all(re.fullmatch(r"[\w./-]+", name, re.ASCII) for name in names)
    assert len({name.lower() for name in names}) == len(names)


def test_the_readme_follows_the_template(bundle_path):
    """docs/readme_template.md, and what the README of pathology_tumor_detection adds to it."""
    titles = re.findall(r"^#+ (.+)$", (bundle_path / "docs" / "README.md").read_text(), re.M)
    template = [
        "Authors", "Tags", "Model description", "Data", "Preprocessing", "Training configuration", "Input", "Output",
        "Performance", "Usage", "System configuration", "Limitations", "References", "License",
    ]  # fmt: skip
    assert [title for title in titles if title in template] == template


def test_license_is_in_the_root_and_the_data_s_in_docs(bundle_path):
    assert "Apache License" in (bundle_path / "LICENSE").read_text()
    assert (bundle_path / "docs" / "data_license.txt").read_text().strip()


def test_the_name_says_task_and_data(bundle_path):
    assert bundle_path.name == NAME
    assert "classification" in NAME and "hemorrhage" in NAME
    assert read(bundle_path / "configs" / "metadata.json")["name"] == "Brain hemorrhage classification"


def test_no_file_is_larger_than_25_mb_and_large_files_are_listed(trained, tmp_path):
    assert (trained / "models" / "model.pt").stat().st_size > 25e6
    copy = tmp_path / "bundle"
    shutil.copytree(
        trained, copy, ignore=shutil.ignore_patterns("*.log", "last.pt", "*.ts", "*.onnx", "data", "output")
    )
    with ZipFile(build_package(copy, tmp_path).path) as archive:
        assert max(entry.file_size for entry in archive.infolist()) < 25e6
        (entry,) = json.loads(archive.read(f"{NAME}/{LARGE_FILES}"))["large_files"]
    assert entry["path"] == "models/model.pt"
    assert set(entry) == {"path", "url", "hash_val", "hash_type"}


def test_necessary_and_preferred_files_exist(bundle_path):
    for name in ("LICENSE", "configs/metadata.json", "models/model.pt", "configs/inference.json"):
        assert (bundle_path / name).is_file(), name


def test_the_inference_config_has_the_required_keys(bundle_path):
    config = read(bundle_path / "configs" / "inference.json")
    for key in ("bundle_root", "device", "network_def", "inferer", "output_dir"):
        assert key in config, key


def test_the_train_config_has_the_required_keys(bundle_path):
    config = read(bundle_path / "configs" / "train.json")
    keys = (
        "bundle_root", "device", "dataset_dir", "output_dir",
        "train#trainer", "train#trainer#max_epochs", "train#dataset", "train#dataset#data", "train#handlers",
        "train#preprocessing", "train#inferer",
        "validate#evaluator", "validate#handlers", "validate#dataset", "validate#dataset#data",
        "validate#preprocessing", "validate#postprocessing", "validate#inferer", "validate#key_metric",
    )  # fmt: skip
    for key in keys:
        assert key in config, key


def test_the_validation_handler_has_the_key_val_interval(bundle_path):
    config = read(bundle_path / "configs" / "train.json")
    assert "val_interval" in config
    # MONAI's check of the properties fails where a handler is a reference.
    (handler,) = [each for each in config["train#handlers"] if each["_target_"] == "ValidationHandler"]
    assert handler["interval"] == "@val_interval"


# Necessary tests


def test_the_dependencies_are_exact_versions(bundle_path):
    metadata = read(bundle_path / "configs" / "metadata.json")
    versions = [metadata[key] for key in ("monai_version", "pytorch_version", "numpy_version")]
    for version in (*versions, *metadata["required_packages_version"].values()):
        assert re.fullmatch(r"[\d.]+", version)


def test_the_version_is_in_the_changelog(bundle_path):
    metadata = read(bundle_path / "configs" / "metadata.json")
    assert metadata["changelog"][metadata["version"]]


def test_the_metadata_fit_their_schema(bundle_path):
    """The Zoo downloads the schema that the metadata name; the bundle holds a copy."""
    metadata = bundle_path / "configs" / "metadata.json"
    schema = bundle_path / "configs" / read(metadata)["schema"].split("/")[-1]
    verify_metadata(meta_file=str(metadata), filepath=str(schema))
    broken = {**read(metadata).get(), "supported_apps": []}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, json.loads(schema.read_text()))


# Optional tests


def test_the_network_takes_and_gives_what_the_metadata_say(bundle_path):
    verify_net_in_out(
        net_id="network_def",
        meta_file=str(bundle_path / "configs" / "metadata.json"),
        config_file=str(bundle_path / "configs" / "inference.json"),
        bundle_root=str(bundle_path),
        device="cpu",
    )


def test_the_checkpoint_becomes_torchscript_of_the_same_logits(bundle_path):
    path = bundle_path / "models" / "verify_model.ts"
    config = str(bundle_path / "configs" / "inference.json")
    ckpt_export(
        net_id="network_def",
        filepath=str(path),
        ckpt_file=str(bundle_path / "models" / "model.pt"),
        meta_file=str(bundle_path / "configs" / "metadata.json"),
        config_file=config,
        bundle_root=str(bundle_path),
    )
    network = read(config).get_parsed_content("network_def").eval()
    network.load_state_dict(torch.load(bundle_path / "models" / "model.pt", weights_only=True))
    image = torch.rand(1, 3, 256, 256, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(torch.jit.load(str(path))(image), network(image), rtol=1e-4, atol=1e-4)
    path.unlink()


@pytest.fixture(scope="module")
def few(phantom, tmp_path_factory):
    """A datalist of a few slices."""
    content = json.loads((phantom / "datalist.json").read_text())
    for section, size in (("training", 4), ("validation", 2), ("test", 2)):
        content[section] = content[section][:size]
    path = tmp_path_factory.mktemp("few") / "datalist.json"
    path.write_text(json.dumps(content))
    return path


@pytest.mark.parametrize("name", config_names(ROOT))
def test_every_config_is_runnable_and_has_every_property(bundle_path, phantom, few, tmp_path, monkeypatch, name):
    stack, run_id, asked = command_of(bundle_path, name)
    workflow_type = "infer" if stack[0] == "inference" else "train"
    if name.startswith("multi_gpu"):
        for key, value in ONE_PROCESS.items():
            monkeypatch.setenv(key, value)
    override = {"bundle_root": str(bundle_path), "device": "$torch.device('cpu')", **asked, **FEWER[stack[0]]}
    if stack[0] == "train":
        override |= {"dataset_dir": str(phantom), "datalist": str(few), "ckpt_dir": str(tmp_path)}
    if name == "evaluate":
        override |= {"ckpt_dir": str(bundle_path / "models")}
    if stack[0] == "inference":
        override |= {"input": str(next((phantom / "stage_2_train").iterdir()))}
    if name == "inference_onnx":
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        export_folder(tiny_setup(tmp_path), tmp_path / "exported", None, None, int8=False)
        override |= {"export_dir": str(tmp_path / "exported")}
    if name == "inference_trt":
        # There is neither TensorRT nor a GPU here; tests/engines/test_tensorrt.py has what it is asked for.
        monkeypatch.setattr("bundle.engines.compile_backbone", lambda network, **_: network)
    if name == "train_brain_mask":
        override |= {"weights": str(tmp_path / "brain_mask.pt")}
    else:
        override |= {"output_dir": str(tmp_path / "output")}
    workflow = ConfigWorkflow(
        workflow_type=workflow_type,
        config_file=[str(bundle_path / "configs" / f"{each}.json") for each in stack],
        meta_file=str(bundle_path / "configs" / "metadata.json"),
        logging_file=False,
        run_id=run_id,
        **override,
    )
    workflow.initialize()
    assert workflow.check_properties() == []
    workflow.run()
    workflow.finalize()
    left = {
        "train": "last.pt", "evaluate": "output/evaluation/report.html", "inference": "output/slices.csv",
        "train_brain_mask": "brain_mask.pt",
    }  # fmt: skip
    assert (tmp_path / left[name if name in left else stack[0]]).is_file()
