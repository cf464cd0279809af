"""How well distances of penultimate features tell images that are no head CT from held-out slices.

python -m benchmarks.unlike data/phantom output/models/model.pt --image_size 96

Prints, for each kind of odd image, the AUC of odd images against the test split, and the share of them that lies beyond
the limit that 95 % of validation's slices keep: for the Mahalanobis distance that the bundle takes, and for the
distance to the fifth nearest neighbour, of features as they are and of length 1 (Sun et al.,
https://arxiv.org/abs/2204.06507).
"""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from monai.bundle import ConfigParser
from monai.data import MetaTensor
from monai.transforms import Compose
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import normalize

from bundle.command import run_command
from bundle.datalist import read_section
from bundle.intensity import INTENSITY, Intensity
from bundle.networks.penultimate import PenultimateFeatures
from bundle.readers import read_slice
from bundle.statistics import patient_folds
from bundle.uncertainty import conformal_quantile, fit_gaussian

NEIGHBOURS = 5
LOADERS = 3
"""Transforms of the preprocessing that read a file; what follows takes an image in HU."""

Distance = Callable[[np.ndarray, np.ndarray], np.ndarray]


def main(dataset_dir: str, checkpoint: str, image_size: int = 160) -> None:
    """Print the table.

    Args:
        dataset_dir: folder with datalist.json and CT slices, validation and test of some patients each.
        checkpoint: of the default network and task.
        image_size: that it was trained with.
    """
    parser = ConfigParser()
    parser.read_config("configs/inference.json")
    parser["bundle_root"], parser["image_size"] = ".", image_size
    network = parser.get_parsed_content("network_def").eval()
    network.load_state_dict(torch.load(checkpoint, weights_only=True))
    see = Compose(parser.get_parsed_content("preprocessing").transforms[LOADERS:])
    validation, test = (
        read_section(f"{dataset_dir}/datalist.json", each, dataset_dir) for each in ("validation", "test")
    )
    known, held_out = ([read_slice(row).pixels for row in rows] for rows in (validation, test))
    features = partial(_features, network, see)
    reference, usual = features(known), features(held_out)
    patients = [row["patient"] for row in validation]
    odd = {name: features(planes) for name, planes in _odd(held_out).items()}
    print(f"{len(known)} slices of validation, {len(held_out)} of test; AUC and share beyond the limit")
    print(f"{'':20}" + "".join(f"{name:>13}" for name in ("test", *odd)))
    for name, distance in DISTANCES.items():
        fitted = np.empty(len(reference))
        for others, part in patient_folds(patients):
            fitted[part] = distance(reference[others], reference[part])
        limit, near = conformal_quantile(fitted, 0.95), distance(reference, usual)
        cells = [f"{'':5}{np.mean(near > limit):8.2f}"]
        for each in odd.values():
            far = distance(reference, each)
            auc = roc_auc_score(np.repeat([0, 1], [len(near), len(far)]), np.concatenate([near, far]))
            cells.append(f"{auc:7.2f}{np.mean(far > limit):6.2f}")
        print(f"{name:20}" + "".join(cells))


def _mahalanobis(reference: np.ndarray, features: np.ndarray) -> np.ndarray:
    return fit_gaussian(reference).distances(features)


def _neighbour(reference: np.ndarray, features: np.ndarray) -> np.ndarray:
    return NearestNeighbors(n_neighbors=NEIGHBOURS).fit(reference).kneighbors(features)[0][:, -1]


DISTANCES: dict[str, Distance] = {
    "Mahalanobis": _mahalanobis,
    "neighbour": _neighbour,
    "neighbour, length 1": lambda reference, features: _neighbour(normalize(reference), normalize(features)),
}


def _features(network: torch.nn.Module, see: Compose, planes: list[np.ndarray]) -> np.ndarray:
    images = []
    for plane in planes:
        image = MetaTensor(torch.as_tensor(plane, dtype=torch.float32)[None], meta={INTENSITY: Intensity.HU})
        images.append(torch.as_tensor(see({"image": image})["image"]))
    with torch.no_grad(), PenultimateFeatures(network) as collected:
        for batch in torch.stack(images).split(16):
            network(batch)
    return collected.take(len(planes)).numpy()


def _odd(heads: list[np.ndarray]) -> dict[str, list[np.ndarray]]:
    """Return odd images in HU, of the size of the heads."""
    generator = np.random.default_rng(0)
    shape, few = heads[0].shape, heads[:: max(len(heads) // 16, 1)]
    return {
        "soft noise": [generator.normal(30, 40, shape) for _ in few],
        "any noise": [generator.uniform(-1000, 1000, shape) for _ in few],
        "constant": [np.full(shape, level) for level in (-1000.0, 0.0, 40.0, 300.0)],
        "knee": [_knee(shape[0], generator) for _ in few],
        "negative": [-head for head in few],
        "inverted": [np.where(head > -900, 80 - head, head) for head in few],
        "upside down": [head[::-1].copy() for head in few],
    }


def _knee(size: int, generator: np.random.Generator) -> np.ndarray:
    """Return a leg with the ends of its bones, a kneecap, and no skull."""
    y, x = (np.mgrid[:size, :size] - size / 2) / size
    leg = generator.uniform(0.3, 0.42)
    plane = np.full((size, size), -1000.0)
    plane[np.hypot(x, 1.1 * y) < leg] = -90
    plane[np.hypot(x, 1.1 * y + 0.03) < 0.8 * leg] = 55
    for column, row, radius in ((-0.08, -0.05, 0.1), (0.09, -0.03, 0.09), (0.02, 0.11, 0.05)):
        distance = np.hypot(x - column, y - row)
        plane[distance < radius] = 900
        plane[distance < radius - 0.02] = 150
    return plane + generator.normal(0, 8, plane.shape)


if __name__ == "__main__":
    run_command(main)
