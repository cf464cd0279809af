"""The package in the hands of a person who has nothing else: unzipped, and used from folders that are not its own."""

import subprocess
import sys
import textwrap

import pytest


@pytest.fixture
def elsewhere(tmp_path):
    """Run a Python program in an empty folder, where no module of the bundle can be imported."""

    def run(program):
        return subprocess.run(
            [sys.executable, "-W", "ignore:parsing config_file:UserWarning", "-c", textwrap.dedent(program)],
            cwd=tmp_path, env={"OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=300,
        )  # fmt: skip

    return run


def test_load_gives_the_trained_network_without_asking_a_server(trained, elsewhere):
    done = elsewhere(
        f"""
        import socket, sys
        import monai.bundle, torch

        def refuse(*arguments):
            raise AssertionError(f"asked {{arguments}}")

        socket.create_connection = socket.getaddrinfo = refuse
        network = monai.bundle.load(
            name={trained.name!r}, bundle_dir={str(trained.parent)!r}, source="monaihosting",
            args_file=dict(bundle_root={str(trained)!r}),
        )
        weights = torch.load({str(trained / "models" / "model.pt")!r}, weights_only=True)
        assert type(network).__name__ == "HemorrhageClassifier", network
        assert all(torch.equal(value, weights[name]) for name, value in network.state_dict().items())
        assert sys.modules["bundle"].__file__.startswith({str(trained)!r})
        print("loaded")
        """
    )
    assert done.stdout.strip().endswith("loaded"), done.stdout + done.stderr


def test_training_evaluation_and_inference_run(trained, phantom, elsewhere, tmp_path):
    """With MONAI's own run, its logging and metadata files, and one epoch."""
    done = elsewhere(
        f"""
        import sys
        from monai.bundle import run

        configs = {str(trained / "configs")!r}
        shared = dict(meta_file=configs + "/metadata.json", logging_file=configs + "/logging.conf", image_size=32)
        train = dict(
            shared, dataset_dir={str(phantom)!r}, ckpt_dir="models", output_dir="output", batch_size=8, max_epochs=1,
        )
        run("training", config_file=configs + "/train.json", **train)
        run("evaluate", config_file=[configs + "/train.json", configs + "/evaluate.json"], gradcam_slices=1, **train)
        run(
            config_file=configs + "/inference.json", checkpoint="models/model.pt", output_dir="inference",
            input={str(phantom / "stage_2_train")!r}, **shared,
        )
        assert sys.modules["bundle"].__file__.startswith({str(trained)!r})
        """
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Warning" not in done.stderr
    for name in (
        "models/model.pt", "output/history.csv", "output/evaluation/report.html", "inference/series.csv"
    ):  # fmt: skip
        assert (tmp_path / name).is_file(), name
    assert {path.name for path in tmp_path.iterdir()} == {"models", "output", "inference"}


def test_a_federated_client_trains_and_evaluates_a_round(trained, phantom, elsewhere, tmp_path):
    """MONAI's client initializes a workflow before it tells where the bundle is."""
    done = elsewhere(
        f"""
        import sys
        from monai.fl.client import MonaiAlgo
        from monai.fl.utils.constants import ExtraItems
        from monai.fl.utils.exchange_object import ExchangeObject

        given = dict(
            dataset_dir={str(phantom)!r}, ckpt_dir="models", output_dir="output", image_size=32, batch_size=8,
            mask=False,
        )
        client = MonaiAlgo(
            bundle_root={trained.name!r}, local_epochs=1, config_train_filename="configs/train.json",
            config_evaluate_filename=["configs/train.json", "configs/evaluate.json"],
            train_kwargs=dict(given), eval_kwargs=dict(given),
        )
        client.initialize({{ExtraItems.CLIENT_NAME: "site", ExtraItems.APP_ROOT: {str(trained.parent)!r}}})
        assert sys.modules["bundle"].__file__.startswith({str(trained)!r})
        weights = ExchangeObject(weights=client.trainer.network.state_dict())
        client.train(weights)
        assert client.trainer.state.epoch == 1
        assert 0 < client.evaluate(weights).metrics["loss"] < 10
        """
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "output" / "history.csv").is_file()
    assert (tmp_path / "output" / "evaluation" / "predictions.csv").is_file()
