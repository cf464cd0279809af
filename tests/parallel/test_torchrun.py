"""torchrun itself, on one machine and on two, with the commands of the guide."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.parallel.conftest import ALIKE, TINY, commands, kill


@pytest.fixture
def torchrun(root, pictures, tmp_path):
    """Start a command of the guide, as it stands but for a tiny network and data set."""
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONWARNINGS": "ignore:parsing config_file:UserWarning",
    }
    places = ("--dataset_dir", pictures, "--output_dir", tmp_path, "--ckpt_dir", tmp_path / "models")
    started = []

    def start(words: list[str], *more: object) -> subprocess.Popen:
        assert words[0] == "torchrun"
        command = [*words, *map(str, (*TINY, *ALIKE, *places, *more))]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        started.append(subprocess.Popen(command, cwd=root, env=environment, **pipes))
        return started[-1]

    yield start
    for process in started:
        process.kill()


def test_a_process_that_dies_ends_the_job_with_its_name(root, torchrun, tmp_path):
    job = torchrun(commands(root)[0], "--max_epochs", 1000, "--patience", 1000, "--batch_size", 6, *kill(after=2))
    said, _ = job.communicate(timeout=120)
    assert job.returncode == 1, said
    cause = said[said.index("Root Cause") :]
    assert "rank      : 1" in cause and "SIGKILL" in cause
    state = torch.load(tmp_path / "models" / "last.pt", weights_only=True)
    assert state["trainer"]["iteration"] == state["trainer"]["epoch_length"] == 2, "after epoch 1"


def test_two_machines(root, torchrun, tmp_path):
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    smaller = {
        "--nproc_per_node=8": "--nproc_per_node=1",
        "--rdzv_endpoint=localhost:29500": f"--rdzv_endpoint=localhost:{port}",
    }
    command = commands(root)[3]
    assert smaller.keys() <= set(command)
    words = [smaller.get(word, word) for word in command]
    machines = [torchrun(words, "--max_epochs", 2) for _ in range(2)]
    said = [machine.communicate(timeout=120)[0] for machine in machines]
    if any(machine.returncode for machine in machines):
        pytest.fail("\n".join(said), pytrace=False)
    assert sum("epoch 2/2" in each for each in said) == 1, "one speaks"
    assert "Warning" not in "".join(said)
