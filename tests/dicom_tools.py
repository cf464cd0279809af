"""Validators of DICOM objects that others wrote: dciodvfy (dicom3tools), dsrdump (dcmtk), PixelMed's."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

APT = "apt-get install dicom3tools dcmtk libpixelmed-java default-jre-headless"
PIXELMED = Path("/usr/share/java/pixelmed.jar")
# Java 17 limits the XPath expressions of the templates to fewer operators than they have.
_LIMITS = ("xpathExprOpLimit", "xpathTotalOpLimit", "xpathExprGrpLimit")

_MISSING = [name for name in ("dciodvfy", "dsrdump", "java") if shutil.which(name) is None]
_MISSING += [] if PIXELMED.is_file() else [str(PIXELMED)]

# CI installs them, so that a test that skips there is a test that was lost.
needs_dicom_tools = pytest.mark.skipif(
    bool(_MISSING) and not os.environ.get("REQUIRE_DICOM_TOOLS"),
    reason=f"no {', '.join(_MISSING)} on this machine: {APT}",
)


def dciodvfy(file: Path) -> list[str]:
    """Return what dciodvfy says of an object after its IOD, but the name of the IOD."""
    done = subprocess.run(["dciodvfy", file], capture_output=True, text=True, check=False)
    return [line for line in done.stderr.splitlines() if line.startswith(("Error", "Warning")) or " - " in line]


def dsrdump(file: Path) -> list[str]:
    """Return the errors and warnings of dsrdump about a report."""
    done = subprocess.run(["dsrdump", file], capture_output=True, text=True, check=False)
    lines = done.stderr.splitlines()
    return lines if done.returncode or lines else []


def pixelmed(file: Path) -> tuple[list[str], list[str]]:
    """Return the errors and the warnings of PixelMed's DicomSRValidator about a report and its template.

    It takes about 22 seconds and 1 GB.
    """
    command = ["java", *(f"-Djdk.xml.{name}=0" for name in _LIMITS), "-cp", PIXELMED]
    done = subprocess.run(
        [*command, "com.pixelmed.validate.DicomSRValidator", file], capture_output=True, text=True, check=False
    )
    lines = [*done.stdout.splitlines(), *done.stderr.splitlines()]
    assert any("Root Template Validation Complete" in line for line in lines) or any("Error" in line for line in lines)
    errors = [line for line in lines if "Error" in line or "illegal relationship" in line.lower()]
    return errors, [line for line in lines if line.startswith("Warning")]
