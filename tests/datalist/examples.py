"""Datalists and images of known content."""

import numpy as np
from PIL import Image

from bundle.labels import LABELS

NORMAL = [0, 0, 0, 0, 0, 0]
SUBDURAL = [0, 0, 0, 0, 1, 1]
BLEED = [None, None, None, None, None, 1]


def row(image="a.png", label=NORMAL, patient="P1", **others):
    return {"image": image, "label": list(label), "patient": patient, **others}


def datalist(training=(), validation=(), test=()):
    return {
        "name": "example",
        "source": "test",
        "labels": list(LABELS),
        "training": list(training),
        "validation": list(validation),
        "test": list(test),
    }


def save_noise(path, seed, size=64, shift=0):
    """Write a PNG of coarse random blocks, which correlates with no other seed's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    blocks = np.random.default_rng(seed).integers(0, 200, (8, 8), dtype=np.uint8)
    Image.fromarray(np.kron(blocks, np.ones((size // 8, size // 8), dtype=np.uint8)) + np.uint8(shift)).save(path)
