"""Make every run of an experiment, one after the other, each where the last start left it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tqdm import tqdm

from bundle.command import find_failure
from bundle.compare.experiment import Experiment, Run
from bundle.compare.folder import RunFolder
from bundle.compare.models import CONFIGS
from bundle.progress import progress

_POLL = 0.5


def make_runs(experiment: Experiment, output: Path) -> tuple[dict[Run, RunFolder], dict[Run, str]]:
    """Train and evaluate what is not yet; a run that fails does not keep the others from being made.

    Args:
        experiment: the runs.
        output: folder of the comparison; each run has one in its ``runs``.

    Returns:
        The folders of the runs there are, and why the others failed.

    Raises:
        InputError: before anything is trained, when a run of `output` was made of something else.
    """
    folders = {run: RunFolder(output / "runs" / run.name, experiment.recipe(run)) for run in experiment.runs}
    failed = {}
    epochs = {run: experiment.max_epochs(run) for run in folders}
    before = sum(epochs[run] if folder.complete else folder.epochs for run, folder in folders.items())
    # The mean over all epochs, for one model's take longer than another's.
    with progress(total=sum(epochs.values()), initial=before, unit="epoch", smoothing=0) as bar:
        for number, (run, folder) in enumerate(folders.items(), start=1):
            if folder.complete:
                continue
            bar.set_description(f"run {number} of {len(folders)}: {run}")
            others = bar.n - folder.epochs
            with start_job(folder, _request(experiment, run, folder, output)) as job:
                try:
                    while (status := _wait(job)) is None:
                        bar.update(others + folder.epochs - bar.n)
                        bar.refresh()
                except BaseException as error:
                    job.kill()
                    if isinstance(error, KeyboardInterrupt):
                        error.add_note("start the same command again, and it goes on with the epochs that are left")
                    raise
            # A training may stop early, or fail.
            bar.update(others + epochs[run] - bar.n)
            if status != 0:
                failed[run] = _reason(status, folder)
                tqdm.write(f"failed: {run}: {failed[run]}", file=sys.stderr)
    return {run: folder for run, folder in folders.items() if run not in failed}, failed


def start_job(folder: RunFolder, request: Mapping[str, Any]) -> subprocess.Popen:
    """Start `bundle.compare.job` in a process of its own, which writes to the run's log and ends with this one.

    It is in a group of its own, for it is this process that answers Ctrl-C.

    Args:
        folder: of the run.
        request: the arguments of `bundle.compare.job.main`, but for the folder.
    """
    with folder.log.open("ab") as log:
        job = subprocess.Popen(
            [sys.executable, "-m", "bundle.compare.job", str(folder.path.resolve())],
            cwd=CONFIGS.parent, stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, process_group=0,
            env={**os.environ, "PYTHONWARNINGS": "ignore:parsing config_file:UserWarning"},
        )  # fmt: skip
    assert job.stdin is not None
    # The pipe is left open: its end tells the job that this process has ended.
    job.stdin.write(json.dumps(request).encode() + b"\n")
    job.stdin.flush()
    return job


def _request(experiment: Experiment, run: Run, folder: RunFolder, output: Path) -> dict[str, Any]:
    """Return what the job is told."""
    weights = experiment.pretrained.get(run.model.name)
    overrides = {
        "cache": "disk",
        "slice_smoothing": 0,  # networks are compared by what they say of a slice alone
        **experiment.settings,
        "dataset_dir": str(experiment.dataset_dir.resolve()),
        "datalist": str(experiment.datalist_of(run).resolve()),
        "output_dir": str(folder.path.resolve()),
        "ckpt_dir": str(folder.checkpoints.resolve()),
        "cache_dir": str((output / "cache").resolve()),
        "run_name": run.name,
        "mask": run.mask,
        "seed": run.seed,
        "pretrained": str(weights.resolve()) if weights else None,
    }
    if "summary_writer" not in experiment.settings:
        overrides["summary_writer#root"] = str((output / "tensorboard").resolve())
    return {"overrides": overrides, "configs": [str(path) for path in run.model.configs]}


def _wait(job: subprocess.Popen) -> int | None:
    try:
        return job.wait(_POLL)
    except subprocess.TimeoutExpired:
        return None


def _reason(status: int, folder: RunFolder) -> str:
    """Return why a job ended with a status, in one line."""
    if status < 0:
        return f"it was ended by {signal.Signals(-status).name}; the memory may not have sufficed; see {folder.log}"
    failure = find_failure(folder.log.read_text(encoding="utf-8", errors="replace"))
    return f"{failure or 'it said nothing'} (see {folder.log})"
