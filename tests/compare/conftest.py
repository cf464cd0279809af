"""A set of small pictures with a bright spot where there is a bleed, and two networks that are trained in a moment."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bundle.datalist import write_datalist
from bundle.labels import LABELS, SUBTYPES

PATIENTS = {"training": 8, "validation": 4, "test": 8}
SLICES = 3


def write_set(folder: Path) -> Path:
    random = np.random.default_rng(0)
    content: dict = {"name": "spots", "source": "made", "labels": list(LABELS)}
    patient = 0
    for section, patients in PATIENTS.items():
        content[section] = []
        for _ in range(patients):
            patient += 1
            for index in range(SLICES):
                pixels = random.integers(0, 120, (32, 32), dtype=np.uint8)
                label = [0] * len(LABELS)
                if (patient + index) % 2:
                    kind = patient % len(SUBTYPES)
                    label[kind] = label[-1] = 1
                    pixels[4 * kind : 4 * kind + 8, 8:16] = 250
                name = f"p{patient}_{index}.png"
                Image.fromarray(pixels).save(folder / name)
                content[section].append({"image": name, "label": label, "patient": f"p{patient}"})
    write_datalist(folder / "datalist.json", content)
    return folder


def write_overlay(path: Path, channels: int) -> Path:
    network = {
        "_target_": "monai.networks.nets.Classifier",
        "in_shape": "$(len(@windows), @image_size, @image_size)",
        "classes": {"_target_": "bundle.labels.num_classes", "task": "@task"},
        "channels": [4, channels],
        "strides": [4, 4],
    }
    path.write_text(json.dumps({"dropout": 0.0, "gradcam_layer": "net.layer_1", "network_def": network}))
    return path


@pytest.fixture(scope="package")
def dataset(tmp_path_factory) -> Path:
    return write_set(tmp_path_factory.mktemp("spots"))


@pytest.fixture(scope="package")
def overlays(tmp_path_factory) -> list[Path]:
    folder = tmp_path_factory.mktemp("overlays")
    return [write_overlay(folder / f"model_{name}.json", channels) for name, channels in (("thin", 4), ("wide", 8))]
