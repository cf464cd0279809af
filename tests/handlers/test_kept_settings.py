import json

import pytest
from monai.bundle import ConfigParser

from bundle.datalist import write_datalist
from bundle.errors import InputError
from tests.datalist.examples import BLEED, NORMAL, datalist, row
from tests.handlers.test_checkpoint import Training


def settings(root, folder, label=NORMAL, **changes):
    """Return the settings of configs/train.json with other values."""
    rows = [row("0.png", label, "A"), row("1.png", BLEED, "B")]
    write_datalist(folder / "datalist.json", datalist(training=rows, validation=[row("2.png", NORMAL, "C")]))
    parser = ConfigParser(ConfigParser.load_config_file(root / "configs/train.json"))
    parser.update({"dataset_dir": str(folder), "kept": {"_target_": "bundle.handlers.kept_settings.kept_settings"}})
    parser.update(changes)
    return parser.get_parsed_content("kept")


def goes_on(folder, before, now):
    """Train an epoch with one configuration, and go on with another."""
    for epochs, kept in ((1, before), (2, now)):
        training = Training(folder, epochs=epochs, resume=epochs > 1)
        training.state.settings = kept
        training.trainer.run()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"label": BLEED}, r"with the datalist \"?\w{12}.*, and this one has"),
        ({"image_size": 96}, "with the image_size 160, and this one has 96;"),
        ({"windows": [[40, 80], [80, 200], [600, 2800]]}, "with the windows"),
        ({"mask": False}, "with the mask true, and this one has false; go on with those of its beginning"),
        ({"balanced": False}, "with the balanced true"),
        ({"window_jitter": 0.5}, "with the window_jitter"),
        ({"clinical_numbers": ["age"]}, "with the clinical_numbers"),
        ({"train#loss#_target_": "bundle.losses.Another"}, "with the train#loss"),
        ({"train#augmentation": []}, "with the train#augmentation"),
    ],
)
def test_a_training_does_not_go_on_otherwise(root, tmp_path, change, words):
    before = settings(root, tmp_path)
    with pytest.raises(InputError, match=rf"last\.pt is of a training {words}") as caught:
        goes_on(tmp_path / "output", before, settings(root, tmp_path, **change))
    assert "\n" not in str(caught.value)


def test_what_may_change_is_not_among_the_settings(root, tmp_path):
    changes = {"max_epochs": 9, "learning_rate": 1, "weight_decay": 0, "batch_size": 4, "painted_bleeds": 0}
    others = {"train#loss#over_processes": True, "cache": "none", "patience": 3}
    goes_on(tmp_path / "output", settings(root, tmp_path), settings(root, tmp_path, **changes, **others))
    assert json.loads(settings(root, tmp_path)["windows"]) == [[40, 80]] * 3


def test_a_state_without_settings_goes_on(root, tmp_path):
    goes_on(tmp_path / "output", {}, settings(root, tmp_path))
