"""How well models/brain_mask.pt finds the brain, as a Markdown table.

    python -m benchmarks.brain_mask_dice                            # phantoms alone
    HEAD_CT_DATA=/data/head_ct python -m benchmarks.brain_mask_dice

The folder may hold ct_template/ (an average CT and its stripped version), mni_t1/ (MNI152 T1 and its brain mask) and
ct_ich/ (CT-ICH with its lesion masks); what is not there is left out. A volume's Dice is over all its voxels, slice by
slice through the network in the orientation of the screen.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from monai.bundle import ConfigParser
from monai.data import MetaTensor
from monai.networks.nets import UNet

from bundle.command import run_command
from bundle.intensity import INTENSITY, Intensity
from bundle.labels import SUBTYPES
from bundle.phantom import Contrast, make_head
from bundle.readers import HeadImageReader
from bundle.transforms import window_hu
from bundle.transforms.brain_mask import load_mask_network, mask_input, predict_masks

ROOT = Path(__file__).parents[1]
MARGIN = 0.015
FIRST_SEED, PHANTOMS = 2_000_000, 10
BONE = 100.0
"""HU above which a voxel of the CT template is taken for bone; fresh blood is below."""


def dice(found: np.ndarray, truth: np.ndarray) -> float:
    return 2 * float((found & truth).sum()) / float(found.sum() + truth.sum())


def find_brain(network: UNet, volume: np.ndarray, intensity: Intensity, margin: float = 0.0) -> np.ndarray:
    """Return the masks of a volume [H, W, D], each slice normalised on its own."""
    slices = [
        mask_input(MetaTensor(torch.from_numpy(volume[..., index].copy())[None], meta={INTENSITY: intensity}))
        for index in range(volume.shape[-1])
    ]
    return torch.cat(predict_masks(network, slices, margin)).numpy().astype(bool).transpose(1, 2, 0)


def display(volume: np.ndarray, level: float = 40, width: float = 80) -> np.ndarray:
    """Return a volume in HU as 8-bit grey levels of a window."""
    return (window_hu(torch.from_numpy(volume), level, width) * 255).round().numpy()


def cormack_to_hu(volume: np.ndarray) -> np.ndarray:
    """Undo the stretching of soft tissue in `scct.nii` (Rorden et al., 2012, https://pubmed.ncbi.nlm.nih.gov/22440645)."""
    return np.where(volume <= 900, volume, np.where(volume <= 3100, 900 + (volume - 900) / 11, volume - 2000)) - 1024


def read(path: Path) -> tuple[np.ndarray, Intensity]:
    reader = HeadImageReader()
    volume, meta = reader.get_data(reader.read(path))
    return volume, Intensity(meta[INTENSITY])


def volume_rows(network: UNet, data: Path) -> Iterator[tuple[str, float, float]]:
    cases: list[tuple[str, np.ndarray, Intensity, np.ndarray]] = []
    template, t1 = data / "ct_template", data / "mni_t1"
    if template.is_dir():
        stretched, _ = read(template / "scct.nii")
        hu = cormack_to_hu(stretched).astype(np.float32)
        truth = read(template / "scct_stripped.nii")[0] != 0
        soft = truth & (hu <= BONE)
        print(f"A mask without bone, above {BONE:g} HU, has at most Dice {dice(soft, truth):.3f} on the CT template.\n")
        cases.append(("CT template, HU", hu, Intensity.HU, truth))
        cases.append(("CT template, HU, reference without bone", hu, Intensity.HU, soft))
        middle = slice(24, 67)
        cases.append(("the same, its middle slices", hu[..., middle], Intensity.HU, soft[..., middle]))
        cases.append(("CT template, 8-bit brain window", display(hu), Intensity.DISPLAY, truth))
        cases.append(("CT template, 8-bit window 40/160", display(hu, 40, 160), Intensity.DISPLAY, truth))
        cases.append(("CT template as its file is, no HU", stretched, Intensity.ARBITRARY, truth))
    if t1.is_dir():
        truth = read(t1 / "MNI152_T1_2mm_Brain_Mask.nii.gz")[0] != 0
        cases.append(("MNI152 T1", read(t1 / "MNI152_T1_2mm.nii.gz")[0], Intensity.ARBITRARY, truth))
    for name, volume, intensity, truth in cases:
        found = find_brain(network, volume, intensity)
        with_brain = truth.any(axis=(0, 1))
        yield name, dice(found[..., with_brain], truth[..., with_brain]), dice(found, truth)


def phantom_rows(network: UNet) -> Iterator[tuple[str, float, float]]:
    units: dict[Contrast, Intensity] = {"CT": Intensity.HU, "T1": Intensity.ARBITRARY, "T2star": Intensity.ARBITRARY}
    for contrast, intensity in units.items():
        heads = [make_head(FIRST_SEED + index, contrast=contrast) for index in range(PHANTOMS)]
        images, truth = (np.concatenate([getattr(head, name) for head in heads]) for name in ("image", "brain"))
        images, truth = images.transpose(1, 2, 0), truth.transpose(1, 2, 0)
        found = find_brain(network, images, intensity)
        with_brain = truth.any(axis=(0, 1))
        yield f"phantoms, {contrast}", dice(found[..., with_brain], truth[..., with_brain]), dice(found, truth)


def phantom_bleed_row(network: UNet, subtype: str, margin: float) -> tuple[str, float, float]:
    """Return the share of the pixels of a bleed inside the masks, and the smallest share of one slice."""
    inside = total = 0
    worst = 1.0
    for seed in range(FIRST_SEED, FIRST_SEED + PHANTOMS):
        head = make_head(seed, bleed=(subtype,))
        found = find_brain(network, head.image.transpose(1, 2, 0), Intensity.HU, margin).transpose(2, 0, 1)
        kept, pixels = ((head.bleed > 0) & found).sum(axis=(1, 2)), (head.bleed > 0).sum(axis=(1, 2))
        inside, total = inside + int(kept.sum()), total + int(pixels.sum())
        worst = min(worst, float((kept[pixels > 0] / pixels[pixels > 0]).min(initial=1)))
    return f"phantoms, {subtype}, margin {margin}", inside / total, worst


def lesion_row(network: UNet, folder: Path, margin: float) -> tuple[str, float, float]:
    """Return the share of lesion pixels inside the masks, and the smallest share of one slice."""
    inside = total = 0
    worst = 1.0
    for path in sorted(folder.rglob("*_HGE_Seg.jpg")):
        image, intensity = read(path.with_name(path.name.replace("_HGE_Seg", "")))
        lesion = read(path)[0] > 127
        found = find_brain(network, image[..., None], intensity, margin)[..., 0]
        kept, pixels = int((lesion & found).sum()), int(lesion.sum())
        inside, total = inside + kept, total + pixels
        worst = min(worst, kept / pixels) if pixels else worst
    return f"CT-ICH lesions, margin {margin}", inside / total, worst


def main(weights: str = str(ROOT / "models/brain_mask.pt"), data: str | None = os.environ.get("HEAD_CT_DATA")) -> None:
    """Print the table.

    Args:
        weights: state dict of the mask network.
        data: folder of real images; the default is the environment's HEAD_CT_DATA.
    """
    parser = ConfigParser()
    parser.read_config(ROOT / "configs/train_brain_mask.json")
    network = parser.get_parsed_content("network_def")
    load_mask_network(network, weights)
    rows = [*phantom_rows(network), *(volume_rows(network, Path(data)) if data else ())]
    print("| images | Dice, slices with brain | Dice, all slices |\n| --- | --- | --- |")
    for name, with_brain, everything in rows:
        print(f"| {name} | {with_brain:.3f} | {everything:.3f} |")
    print("\n| bleeds | share inside the mask | smallest share of a slice |\n| --- | --- | --- |")
    for margin in (0.0, MARGIN):
        shares = [phantom_bleed_row(network, subtype, margin) for subtype in SUBTYPES]
        if data and (Path(data) / "ct_ich").is_dir():
            shares.append(lesion_row(network, Path(data) / "ct_ich", margin))
        for name, share, worst in shares:
            print(f"| {name} | {share:.4f} | {worst:.4f} |")


if __name__ == "__main__":
    run_command(main)
