"""Run jobs of one or more processes from a process that has imported once what all of them need.

``python -m tests.parallel.jobs FOLDER`` runs the list of jobs in FOLDER/jobs.json one after another. A job is a
name, the number of its processes, and either arguments of ``python -m monai.bundle`` or the name of a function of
`tests.parallel.checks`, which gets FOLDER. With 0 processes it is a run without torchrun; else each process is a
fork of this one with the environment that torchrun gives. What process RANK prints comes into FOLDER/NAME.RANK.log,
and the exit statuses of all into FOLDER/statuses.json.
"""

import json
import os
import runpy
import socket
import sys
from pathlib import Path

import monai.bundle  # noqa: F401
import torch.utils.tensorboard  # noqa: F401

import bundle.caching
import bundle.deploy
import bundle.engines
import bundle.handlers
import bundle.readers
import bundle.transforms  # noqa: F401
from tests.parallel import checks


def start(folder: Path, job: dict, rank: int, port: int) -> int:
    process = os.fork()
    if process:
        return process
    with (folder / f"{job['name']}.{rank}.log").open("wb") as log:
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)
    if job["processes"]:
        address = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
        count = {"WORLD_SIZE": job["processes"], "LOCAL_WORLD_SIZE": job["processes"]}
        os.environ.update({key: str(value) for key, value in (address | count).items()}, RANK=str(rank))
        os.environ["LOCAL_RANK"] = str(rank)
    status = 1
    try:
        if "function" in job:
            getattr(checks, job["function"])(folder)
        else:
            sys.argv = ["", *job["arguments"]]
            runpy.run_module("monai.bundle", run_name="__main__", alter_sys=True)
        status = 0
    except SystemExit as ended:
        status = ended.code
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def main(folder: Path) -> None:
    statuses = {}
    for job in json.loads((folder / "jobs.json").read_text()):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        processes = [start(folder, job, rank, port) for rank in range(max(job["processes"], 1))]
        statuses[job["name"]] = [os.waitstatus_to_exitcode(os.waitpid(each, 0)[1]) for each in processes]
    (folder / "statuses.json").write_text(json.dumps(statuses))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
