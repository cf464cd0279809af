"""Every job of these tests, run once from one process: on a data set of a few pictures, with a network of a moment."""

import json
import re
import shlex
from functools import partial
from pathlib import Path

import pytest

from bundle.datalist.storage import write_datalist
from tests.datalist.examples import BLEED, NORMAL, SUBDURAL, datalist, row, save_noise
from tests.readers.dicom_examples import head_hu, make_dicom, write_dicom

EPIDURAL = [1, 0, 0, None, None, 1]
TINY = (
    "--network_def", "{'_target_': 'tests.parallel.parts.TinyNetwork'}", "--image_size", "32", "--mask", "false",
    "--gradcam_layer", "conv",
)  # fmt: skip
ALIKE = ("--augment", "false", "--learning_rate", "0.01")
CLINICAL = (
    "--clinical_categories", "[]", "--network_def",
    "{'_target_': 'tests.networks.tiny_classifier.tiny_classifier', 'num_classes': 6, 'clinical': {'_target_': "
    "'bundle.networks.ClinicalBranch', 'numbers': ['age'], 'categories': [], 'num_classes': 6}}",
)  # fmt: skip
PYRAMID = "{'_target_': 'tests.networks.tiny_classifier.tiny_classifier', 'num_classes': 6, 'pyramid_channels': 8}"


def kill(after: int) -> tuple[str, str]:
    """Return the override that kills the second process after a number of its iterations."""
    return "--train#inferer", f"{{'_target_': 'tests.parallel.parts.KillOne', 'after': {after}, 'victim': 1}}"


def commands(root: Path) -> list[list[str]]:
    """Return the commands that the guide shows, in words."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (root / "docs" / "multi_gpu.md").read_text(), re.MULTILINE | re.DOTALL)
    return [shlex.split(line) for block in blocks for line in block.splitlines()]


def of_bundle(command: list[str]) -> list[str]:
    """Return what a command of the guide gives to ``-m monai.bundle``."""
    return command[command.index("monai.bundle") + 1 :]


def alone(arguments: list[str]) -> list[str]:
    """Return the same arguments without the config for several processes."""
    return [re.sub(r",'configs/multi_gpu_\w+\.json'", "", word) for word in arguments]


@pytest.fixture(scope="session")
def pictures(tmp_path_factory) -> Path:
    """A data set with unknown labels and ages: 24 training slices, 7 of validation, 5 of test.

    Beside the latter lie a series of three slices of which the last is cut, and a file that is empty.
    """
    folder = tmp_path_factory.mktemp("pictures")
    sections = {}
    for section, size in (("training", 24), ("validation", 7), ("test", 5)):
        sections[section] = []
        for number in range(size):
            label, name = (NORMAL, SUBDURAL, BLEED, EPIDURAL)[number % 4], f"{section}/{number // 4}/{number}.png"
            save_noise(folder / name, seed=number + 100 * len(sections), shift=100 * (label[5] or 0))
            sections[section].append(row(name, label, patient=f"{section}{number}", age=float(50 + number)))
    write_datalist(folder / "datalist.json", datalist(**sections))
    for position in range(3):
        slice_ = make_dicom(head_hu(), ImagePositionPatient=[0, 0, position])
        file = write_dicom(folder / "test" / "dicom" / f"{position}.dcm", slice_)
    file.write_bytes(file.read_bytes()[:-100])
    (folder / "test" / "empty.png").write_bytes(b"")
    return folder


@pytest.fixture(scope="session")
def jobs(root, pictures, tmp_path_factory, command) -> Path:
    """Folder of what the jobs left."""
    folder = tmp_path_factory.mktemp("jobs")
    train, evaluate, infer = (of_bundle(each) for each in commands(root)[:3])

    def places(name: str) -> tuple[str, ...]:
        here = f"{folder}/{name}"
        return "--dataset_dir", str(pictures), "--output_dir", here, "--ckpt_dir", f"{here}/models"

    def by_rank(name: str) -> tuple[str, ...]:
        here = f"$'{folder}/{name}.' + os.environ['RANK']"
        more = "--cache_dir", f"{folder}/cache"
        return "--dataset_dir", str(pictures), "--output_dir", here, "--ckpt_dir", f"{here} + '/models'", *more

    def job(name: str, processes: int, arguments: list[str], *more: object) -> dict:
        return {"name": name, "processes": processes, "arguments": [*arguments, *TINY, *map(str, more)]}

    three, four = ("--max_epochs", 3, *ALIKE), ("--max_epochs", 4, "--resume", "true", *ALIKE)
    normed = ("--network_def", "{'_target_': 'tests.parallel.parts.TinyNetwork', 'frozen': False}")
    augmented = ("--max_epochs", 2, "--batch_size", 5, *normed)
    weights = ("--checkpoint", folder / "one" / "models" / "model.pt")
    found = ("--input", pictures / "test", *weights, "--overlays", 1, "--batch_size", 2)

    def overlaid(arguments: list[str], name: str) -> list[str]:
        return [re.sub(r"('configs/train.json')", rf"\1,'configs/{name}.json'", word) for word in arguments]

    fused = partial(overlaid, name="clinical_features")
    mapped = overlaid(train, "lesion_maps")
    one_look = ("--section", "validation", "--mirrored", "false")

    drawn = (*places("mapped"), "--max_epochs", 2, "--painted_bleeds", 0.5, "--network_def", PYRAMID)
    aged = (*places("clinical"), *CLINICAL, "--max_epochs", 2, *ALIKE)
    judged = f"{folder}/clinical_judged"
    listed = [
        {"name": "gradients", "processes": 2, "function": "gradients"},
        {"name": "metrics", "processes": 2, "function": "metrics"},
        job("one", 0, alone(train), *places("one"), "--batch_size", 24, *three),
        job("two", 2, train, *by_rank("two"), "--batch_size", 12, *three),
        job("one_goes_on_in_two", 2, train, *places("one"), "--batch_size", 12, *four),
        job("two_goes_on_in_one", 0, alone(train), *places("two.0"), "--batch_size", 24, *four),
        job("augmented", 2, train, *places("augmented"), *augmented),
        job("again", 2, train, *places("again"), *augmented),
        job("stopped", 2, train, *places("stopped"), *ALIKE, "--learning_rate", 1e-30, "--patience", 2),
        job("torn", 2, train, *by_rank("two"), *four),
        job("killed", 2, train, *places("killed"), *kill(after=1), *three),
        job("without_torchrun", 0, train),
        job("judged", 0, alone(evaluate), *places("augmented"), *normed, *one_look),
        job("evaluated_by_one", 0, alone(evaluate), *places("evaluated"), *weights),
        job("evaluated_by_two", 2, evaluate, *by_rank("evaluated"), *weights),
        job("clinical", 2, fused(train), *aged),
        job("clinical_by_one", 0, alone(fused(evaluate)), *aged, "--output_dir", judged),
        job("clinical_by_two", 2, fused(evaluate), *aged, "--output_dir", f"$'{judged}.' + os.environ['RANK']"),
        job("mapped", 2, mapped, *drawn),
        job("mapped_goes_on", 0, alone(mapped), *drawn, "--max_epochs", 3, "--resume", "true"),
        job("inferred_by_one", 0, alone(infer), *found, "--output_dir", folder / "inferred"),
        job("inferred_by_two", 2, infer, *found, "--output_dir", f"$'{folder}/inferred.' + os.environ['RANK']"),
        job("single", 2, infer, *found, "--input", pictures / "test/0/0.png", "--output_dir", folder / "single"),
    ]
    (folder / "jobs.json").write_text(json.dumps(listed))
    done = command("tests.parallel.jobs", folder, cwd=root)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder
