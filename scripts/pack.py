"""Pack the bundle for the MONAI Model Zoo: ``python -m scripts.pack``."""

from pathlib import Path

from bundle.command import run_command
from bundle.packaging import LARGE_FILES, WEIGHTS, Package, build_package


def main(output: str = "output", limit: float = 25, url: str | None = None) -> None:
    """Write brain_hemorrhage_classification_v<version>.zip, with the version in configs/metadata.json.

    The same files give the same zip, byte for byte. Nothing is written if the metadata contradict the configs or
    requirements.txt, if the version is not in the changelog, or if the bundle folder has files that are not part of it.

    Args:
        output: folder of the archive.
        limit: size in MB of the largest file that is packed; larger ones, such as the weights, are listed with their
            SHA-256 in large_files.yml instead. The Zoo accepts 25; 1000 packs everything.
        url: web folder of the large files, for example https://example.org/weights.
    """
    print(summarise(build_package(Path(__file__).parents[1], Path(output), limit, url)))


def summarise(package: Package) -> str:
    """Return what was packed and what is missing, for people to read."""
    size = package.path.stat().st_size / 1e6
    lines = [f"wrote {package.path}: {len(package.files)} files, {size:.1f} MB"]
    for entry in package.large:
        place = f"to be downloaded from {entry.url}" if entry.url else "without an address: upload it, and give --url"
        lines.append(f"  {entry.path} is not in it but listed in {LARGE_FILES}, {place}")
    if WEIGHTS not in {*package.files, *(entry.path for entry in package.large)}:
        lines.append(f"  without {WEIGHTS}, which the Zoo requires: make it with python -m scripts.weights, then pack")
    return "\n".join(lines)


if __name__ == "__main__":
    run_command(main)
