"""A lab's table of pictures, with columns of its own."""

import re
from pathlib import Path

from tests.datalist.examples import save_noise

TABLE = """\
file;Patient ID;EDH;subdural hematoma;ICH;Age;Sex;Hospital
a/1.png;Ann;0;1;1;61;F;North
a/2.png;Ann;0;0;0;61;F;North
b/1.png;Bo;1;0;1;4 months;m;South
b/2.png;Bo;;;;4 months;m;South
c/1.png;Cy;0;0;0;?;;South
d/1.png;Di;no;yes;true;99;female;North
"""
OPTIONS = {"image": "file", "patient": "Patient ID", "site": "Hospital"}


def write_table(root: Path, text: str = TABLE, name: str = "labels.csv") -> Path:
    """Write the table and its pictures, and return the table."""
    for seed, line in enumerate(text.splitlines()[1:]):
        save_noise(root / re.split(r"[,;|\t]", line)[0], seed, size=16)
    (root / name).write_text(text)
    return root / name
