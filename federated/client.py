"""What runs at each site: NVFlare starts this script there, and MONAI's client trains the bundle with it.

The weights are sent whole. MONAI's default, differences, is added up by NVFlare as if it were weights: variances of
batch norm then become negative, and the next round gives NaN.
"""

import fire
import nvflare.client as flare
import torch
from monai.fl.client import MonaiAlgo
from monai.fl.utils.constants import ExtraItems, FlStatistics
from monai.fl.utils.exchange_object import ExchangeObject
from nvflare.app_common.abstract.fl_model import FLModel, MetaKey, ParamsType


def main(bundle_root: str, dataset_dir: str, output_dir: str, local_epochs: int, **settings: object) -> None:
    """Take part in a federation until it ends.

    Args:
        bundle_root: folder of the bundle at this site.
        dataset_dir: folder with the images and the datalist of this site.
        output_dir: folder for what this site keeps: history, TensorBoard, its own best weights in ``models``, and in
            ``global`` the global weights that were best on the validation split of this site.
        local_epochs: epochs that this site trains in each round.
        settings: keys of configs/train.json, the same at all sites.
    """
    flare.init()
    given = {"dataset_dir": str(dataset_dir), "output_dir": str(output_dir), **settings}
    client = MonaiAlgo(
        bundle_root=str(bundle_root),
        local_epochs=local_epochs,
        send_weight_diff=False,
        train_kwargs=dict(given),
        config_evaluate_filename="configs/train.json",
        eval_kwargs={**given, "ckpt_dir": f"{output_dir}/global", "summary_writer": None},
    )
    client.initialize({ExtraItems.CLIENT_NAME: flare.get_site_name()})
    while flare.is_running():
        flare.send(_round(client, flare.receive()))


def _round(client: MonaiAlgo, received: FLModel) -> FLModel:
    """Judge the global weights on the validation split, train on with them, and return what they have become."""
    weights = ExchangeObject(weights=received.params)
    loss = client.evaluate(weights).metrics["loss"]
    client.train(weights)
    trained = client.get_weights()
    return FLModel(
        params={name: torch.clone(value) for name, value in trained.weights.items()},
        params_type=ParamsType.FULL,
        metrics={"loss": float(loss)},
        meta={MetaKey.NUM_STEPS_CURRENT_ROUND: trained.statistics[FlStatistics.NUM_EXECUTED_ITERATIONS]},
    )


if __name__ == "__main__":
    fire.Fire(main)
