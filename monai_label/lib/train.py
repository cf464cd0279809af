"""Training on what was labelled on the server."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import monai.bundle
from monailabel.datastore.local import LocalDatastore
from monailabel.interfaces.datastore import Datastore
from monailabel.interfaces.tasks.train import TrainTask
from monailabel.utils.others.generic import device_list, name_to_device

from bundle.datalist import build_datalist, write_datalist
from bundle.errors import InputError
from bundle.files import written_whole
from bundle.packaging import WEIGHTS
from lib.labelled import collect_labelled

FRACTIONS = (0.8, 0.2, 0.0)


class Train(TrainTask):
    """Train as ``configs/train.json`` says, going on from the model that is served.

    Datalist, TensorBoard run and checkpoints come into ``output/monai_label`` of the bundle. The best model of the
    training then takes the place of ``models/model.pt``, which is kept there as ``previous.pt``.

    Args:
        root: the bundle folder.
        settings: keys of the configs with other values.
    """

    def __init__(self, root: Path, settings: Mapping[str, Any]) -> None:
        super().__init__("Train the classifier on the slices that were labelled here")
        self.root = root
        self.settings = settings

    def config(self) -> dict[str, Any]:
        """Return what a client can choose, with the first or only value as the default."""
        return {"device": device_list(), "pretrained": True, "max_epochs": 10, "batch_size": 8}

    def __call__(self, request: dict[str, Any], datastore: Datastore) -> dict[str, Any]:
        """Train, and return nothing but the number of slices.

        Raises:
            InputError: when too few slices are labelled, a label cannot be understood, or the datastore is no folder.
        """
        if not isinstance(datastore, LocalDatastore):
            raise InputError(
                "images of a DICOMweb server cannot be trained on", "start the server on a folder of files"
            )
        chosen = {**self.config(), **request}
        folder = Path(datastore._datastore.image_path()).resolve()
        output = self.root / "output" / "monai_label"
        collection = collect_labelled(datastore.datalist(), folder)
        content = build_datalist(collection, folder, FRACTIONS, name="labelled", leakage="join")
        output.mkdir(parents=True, exist_ok=True)
        write_datalist(output / "datalist.json", content)
        self._run(chosen, folder, output)
        self._publish(output)
        return {"slices": len(collection.rows)}

    def _run(self, chosen: Mapping[str, Any], folder: Path, output: Path) -> None:
        path = self.root / "configs" / "train.json"
        config = json.loads(path.read_text())
        handlers = config["train"]["handlers"]
        if chosen["pretrained"] and (self.root / WEIGHTS).is_file():
            handlers.append(
                {
                    "_target_": "bundle.handlers.CheckpointLoader",
                    "load_path": str(self.root / WEIGHTS),
                    "load_dict": {"network": "@network"},
                    "map_location": "@device",
                }
            )
        (output / "last.pt").unlink(missing_ok=True)  # each request trains anew
        device = chosen["device"] if isinstance(chosen["device"], str) else chosen["device"][0]
        monai.bundle.run(
            run_id="training",
            config_file=str(path),
            **{key: value for key, value in self.settings.items() if key in config},
            **{
                "bundle_root": str(self.root),
                "dataset_dir": str(folder),
                "datalist": str(output / "datalist.json"),
                "output_dir": str(output),
                "ckpt_dir": str(output),
                "device": f"$torch.device({name_to_device(device)!r})",
                "max_epochs": int(chosen["max_epochs"]),
                "batch_size": int(chosen["batch_size"]),
                "train#handlers": handlers,
            },
        )

    def _publish(self, output: Path) -> None:
        served = self.root / WEIGHTS
        if served.exists():
            shutil.copy2(served, output / "previous.pt")
        with written_whole(served) as part:
            shutil.copy2(output / "model.pt", part)
