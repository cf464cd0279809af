"""Make a set of head phantoms in the layout of the RSNA 2019 dataset: ``python -m scripts.phantom OUTPUT``."""

from bundle.errors import InputError
from bundle.labels import LABELS
from bundle.phantom import Conformant, Contrast, Manifest, PhantomSet, write_phantoms


def main(
    output: str,
    patients: int = 60,
    slices: int = 10,
    size: int = 256,
    seed: int = 0,
    contrast: Contrast = "CT",
    processes: int | None = None,
    conformant: bool = False,
    character_set: str = "ISO_IR 6",
    compression: str = "none",
    tilt: float | None = None,
    private: bool = False,
    others: bool = False,
) -> None:
    """Make random heads with and without hemorrhages as DICOM files, with labels and masks.

    The same arguments give the same files, byte for byte.

    Args:
        output: folder to write; new, empty, or with phantoms made by the same arguments.
        patients: number of patients; about half of them have a hemorrhage.
        slices: number of slices of each patient, from skull base to vertex.
        size: rows and columns of a slice.
        seed: another seed gives other patients.
        contrast: CT, or the MR contrasts T1 and T2star (blood is dark).
        processes: number of processes, by default one for each core.
        conformant: write headers as a hospital's CT does, with an invented name and date; without it those of the RSNA
            dataset, which are not complete. The options that follow are for these headers alone.
        character_set: of the names: ISO_IR 6, ISO_IR 100, ISO 2022 IR 87, ISO_IR 192 or GB18030.
        compression: of the pixels, lossless: none, rle, jpeg_ls or jpeg_2000.
        tilt: of the gantry in degrees, by default each patient's own.
        private: add private elements.
        others: add to each study, in a folder of their own, a scout, a reconstruction for bone and a dose report.
    """
    headers = Conformant(character_set, compression, tilt, private, others)
    if not conformant and headers != Conformant():
        problem = "character set, compression, tilt, private elements and other objects are those of conformant headers"
        raise InputError(problem, "add --conformant")
    manifest = Manifest(patients, slices, size, seed, contrast, headers if conformant else None)
    print(summarise(write_phantoms(output, manifest, processes)))


def summarise(phantoms: PhantomSet) -> str:
    """Return what was written, for people to read."""
    total = len(phantoms.labels)
    positives = [sum(column) for column in zip(*phantoms.labels.values(), strict=True)]
    patients = f"{phantoms.patients} patients ({phantoms.bleeding} with a hemorrhage)"
    lines = [f"{patients}, {total} slices in {phantoms.folder}"]
    lines += [f"  {name:<17}{count:>6}  {count / total:>4.0%}" for name, count in zip(LABELS, positives, strict=True)]
    return "\n".join(lines)


if __name__ == "__main__":
    # Imported here, because each process that makes phantoms imports this module but runs no command.
    from bundle.command import run_command

    run_command(main)
