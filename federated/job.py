"""A federation: ``python -m federated.job simulate OUTPUT --sites …``; ``export`` and ``weights`` for real sites."""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nvflare.app_opt.pt.recipes.fedavg import FedAvgRecipe
from nvflare.recipe import SimEnv, set_per_site_config

from bundle.command import checked_overrides, run_command
from bundle.datalist import read_datalist
from bundle.errors import InputError
from bundle.files import writable_folder
from federated.global_weights import save_global_weights
from federated.network import CONFIG

ROOT = Path(__file__).parents[1]
SCRIPT = Path(__file__).with_name("client.py")
NAME = "brain_hemorrhage_classification"
_WRITTEN = Path(NAME, "server", "simulate_job", "app_server", "FL_global_model.pt")
_OF_THE_SITE = {
    "bundle_root": "${secret:HEMORRHAGE_BUNDLE}",
    "dataset_dir": "${secret:HEMORRHAGE_DATASET}",
    "output_dir": "${secret:HEMORRHAGE_OUTPUT}",
}
"""NVFlare's references to environment variables of a site, of whose folders the job knows nothing."""


def simulate(
    output: str,
    sites: str,
    rounds: int = 3,
    local_epochs: int = 1,
    pretrained: str | None = None,
    seed: int = 0,
    **settings: str,
) -> None:
    """Train with several sites, each in a process of its own on this machine.

    Writes OUTPUT/model.pt, the global weights after the last round, and a folder with what each site keeps.

    Args:
        output: folder to write; new or empty.
        sites: the sites and their datasets, each with a datalist.json, as north=FOLDER,south=FOLDER.
        rounds: number of rounds.
        local_epochs: epochs that each site trains in a round.
        pretrained: weights with which the first round begins; random weights if left out.
        seed: of the random weights.
        settings: keys of configs/train.json, the same for all sites, as --image_size 96 --learning_rate 0.001.
    """
    named = _sites(sites)
    checked = _checked(settings)
    datasets = {name: Path(folder).resolve() for name, folder in named.items()}
    for dataset in datasets.values():
        read_datalist(dataset / "datalist.json")
    folder = writable_folder(output).resolve()
    if any(folder.iterdir()):
        raise InputError("is not empty", "name a new folder, since a federation cannot be resumed", folder)
    start = _first(checked, pretrained and str(Path(pretrained).resolve()), seed)
    recipe = _recipe(start, len(datasets), rounds, SCRIPT)
    arguments = {}
    for name, dataset in datasets.items():
        folders = {"bundle_root": ROOT, "dataset_dir": dataset, "output_dir": folder / name}
        arguments[name] = {"train_args": _arguments(folders, rounds, local_epochs, checked)}
    set_per_site_config(recipe, arguments)
    try:
        recipe.run(SimEnv(clients=list(datasets), workspace_root=str(folder / "nvflare")))
    except RuntimeError as error:  # whatever went wrong at the server or at a site
        logs = folder / "nvflare" / NAME
        raise InputError("holds the logs of a federation that failed", "see log.txt of each site", logs) from error
    save_global_weights(folder / "nvflare" / _WRITTEN, folder / "model.pt", checked)
    print(f"Global weights after {rounds} rounds: {folder / 'model.pt'}")


def export(
    job: str,
    sites: int,
    rounds: int = 20,
    local_epochs: int = 1,
    pretrained: str | None = None,
    seed: int = 0,
    **settings: str,
) -> None:
    """Write a job for a federation of real sites, to be submitted to its server.

    Each site names its folders in the environment variables HEMORRHAGE_BUNDLE, HEMORRHAGE_DATASET and
    HEMORRHAGE_OUTPUT; the job holds no path of a site.

    Args:
        job: folder to write.
        sites: number of sites that must take part in each round.
        rounds: number of rounds.
        local_epochs: epochs that each site trains in a round.
        pretrained: path on the server of the weights with which the first round begins; random weights if left out.
        seed: of the random weights.
        settings: keys of configs/train.json, the same for all sites.
    """
    checked = _checked(settings)
    arguments = _arguments(_OF_THE_SITE, rounds, local_epochs, checked)
    folder = writable_folder(job).resolve()
    with contextlib.chdir(SCRIPT.parent):  # a script by its name alone is packed into the job, for the sites to run
        _recipe(_first(checked, pretrained, seed), sites, rounds, Path(SCRIPT.name), arguments).export(str(folder))
    print(f"Job: {Path(job) / NAME}")


def weights(result: str, output: str, **settings: str) -> None:
    """Write the global weights of a federation of real sites as weights of the bundle.

    Args:
        result: FL_global_model.pt in what NVFlare's ``job download`` fetched.
        output: the weights file to write.
        settings: keys of configs/train.json with which the federation trained.
    """
    save_global_weights(Path(result), Path(output), _checked(settings))
    print(f"Global weights: {output}")


def _checked(settings: Mapping[str, str]) -> dict[str, Any]:
    """Return settings of the types that they have in the config, none of which a federation cannot have."""
    checked = checked_overrides(settings, [CONFIG])
    for name in ("clinical_numbers", "clinical_categories"):
        if checked.get(name):
            # Each site has codes of its own categories, of which a mean is none.
            problem = f"--{name} is {checked[name]}, which a federation cannot train with"
            raise InputError(problem, "leave it out: the sites train on images alone")
    return checked


def _sites(text: str) -> dict[str, str]:
    parts = [each.strip().partition("=") for each in text.split(",")]
    sites = {name: folder for name, _, folder in parts if name and folder}
    if not len(parts) == len(sites) >= 2:
        raise InputError(f"--sites is {text!r}", "give two or more as SITE=FOLDER, separated by commas")
    return sites


def _first(settings: Mapping[str, Any], pretrained: str | None, seed: int) -> dict[str, Any]:
    arguments = {"settings": dict(settings), "pretrained": pretrained, "seed": seed}
    return {"class_path": "federated.network.first_network", "args": arguments}


def _recipe(first: Mapping[str, Any], sites: int, rounds: int, script: Path, arguments: str = "") -> FedAvgRecipe:
    return FedAvgRecipe(
        name=NAME,
        model=dict(first),
        min_clients=sites,
        num_rounds=rounds,
        train_script=str(script),
        train_args=arguments,
        key_metric="loss",
        key_metric_mode="min",
    )


def _arguments(folders: Mapping[str, object], rounds: int, local_epochs: int, settings: Mapping[str, Any]) -> str:
    """Return the command line of a site's script, which NVFlare takes apart at its spaces."""
    given = {
        **folders,
        "local_epochs": local_epochs,
        "max_epochs": rounds * local_epochs,
        "patience": rounds * local_epochs,
        **settings,
    }
    written = {name: str(value).replace(", ", ",") for name, value in given.items()}
    for name, value in written.items():
        if len(value.split()) != 1:
            raise InputError(f"{name} is {value!r}, which NVFlare takes for several arguments", "use no space in it")
    return " ".join(f"--{name} {value}" for name, value in written.items())


if __name__ == "__main__":
    run_command({"simulate": simulate, "export": export, "weights": weights})
