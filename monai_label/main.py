"""The bundle as an app of MONAI Label, see docs/monai_label.md; the folder above this one is the bundle."""

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "monai_label")]

from fastapi import HTTPException  # noqa: E402 - once the bundle is found
from lib.classify import Classify  # noqa: E402
from lib.settings import read_settings  # noqa: E402
from lib.train import Train  # noqa: E402
from monailabel.config import settings as server  # noqa: E402
from monailabel.datastore.local import LocalDatastore  # noqa: E402
from monailabel.interfaces.app import MONAILabelApp  # noqa: E402
from monailabel.interfaces.datastore import Datastore  # noqa: E402

from bundle.command import fail  # noqa: E402
from bundle.errors import find_input_error  # noqa: E402
from bundle.packaging import NAME, WEIGHTS  # noqa: E402

EXTENSIONS = ("*.dcm", "*.jpeg", "*.jpg", "*.nii", "*.nii.gz", "*.png")


class App(MONAILabelApp):
    """Classify intracranial hemorrhage, and train on what was labelled.

    Args:
        app_dir: this folder.
        studies: folder of the images, or address of a DICOMweb server.
        conf: keys of the bundle's configs with other values, as ``{"image_size": "96"}``; other keys are left alone.
    """

    def __init__(self, app_dir: str, studies: str, conf: dict[str, str]) -> None:
        self.settings = read_settings(ROOT, conf)
        super().__init__(
            app_dir,
            studies,
            conf,
            name="Brain hemorrhage classification",
            description="Finds intracranial hemorrhage and its five subtypes in head CT",
        )

    def init_infers(self) -> dict[str, Classify]:
        """Return the one task, or none as long as there are no weights."""
        if not (ROOT / WEIGHTS).is_file():
            print(f"{ROOT / WEIGHTS} does not exist, so nothing can be classified: train, then start the server again")
            return {}
        return {NAME: Classify(ROOT, self.conf, self.settings)}

    def init_trainers(self) -> dict[str, Train]:
        """Return the one training."""
        return {NAME: Train(ROOT, self.settings)}

    def init_datastore(self) -> Datastore:
        """Return MONAI Label's datastore, which for a folder knows the endings of DICOM files, too."""
        if self.studies.startswith(("http://", "https://")):
            return super().init_datastore()
        return LocalDatastore(
            self.studies,
            extensions=EXTENSIONS,
            auto_reload=server.MONAI_LABEL_DATASTORE_AUTO_RELOAD,
            read_only=server.MONAI_LABEL_DATASTORE_READ_ONLY,
        )

    def infer(self, request: dict[str, Any], datastore: Datastore | None = None) -> dict[str, Any]:
        """Return the scores of an image; bad input is answered with status 400 and one sentence."""
        image = request.get("image")
        if isinstance(image, str) and not (
            Path(image).exists() or (datastore or self.datastore()).get_image_uri(image)
        ):
            raise HTTPException(400, f"there is no image {image!r}; GET /datastore/?output=all lists those that are")
        try:
            return super().infer(request, datastore)
        except Exception as error:
            if (found := find_input_error(error)) is None:
                raise
            raise HTTPException(400, str(found)) from error

    def train(self, request: dict[str, Any]) -> dict[str, Any]:
        """Train; bad input is one sentence, as status 400 or, in a process of its own, as the last line it prints."""
        try:
            return super().train(request)
        except Exception as error:
            if (found := find_input_error(error)) is None:
                raise
            if "local_rank" in request:
                fail(str(found))
            raise HTTPException(400, str(found)) from error
