import subprocess
import sys

import pytest

from tests.conftest import ROOT

HEAVY = ("torch", "monai", "ignite", "sklearn", "scipy", "pandas")


@pytest.mark.parametrize("room", ["predictions", "calibration", "uncertainty", "metrics", "statistics", "report"])
def test_a_room_without_a_network_imports_none_of_the_heavy_packages(room):
    code = f"import sys, bundle.{room}; print(*(name for name in {HEAVY} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "", "each of them takes one to seven seconds"
