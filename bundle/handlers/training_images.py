"""What the network sees in training, to look at."""

import numpy as np
from ignite.engine import Events
from monai.engines import Workflow
from torch.utils.tensorboard import SummaryWriter

from bundle.figures import picture_grid
from bundle.predictions import describe_truth


class TrainingImages:
    """Show the first images of an epoch in TensorBoard, after augmentation, each channel beside the next.

    It stands in for MONAI's `TensorBoardImageHandler`, which shows one image of the batch a tag, takes the three
    windows for red, green and blue or stretches each to its own range, and gives no image its label.

    Args:
        summary_writer: gets the picture as ``training/images`` at the iteration's number.
        interval: epochs from one picture to the next; the first is that of the first epoch.
        count: number of images, at most.
    """

    def __init__(self, summary_writer: SummaryWriter, interval: int = 10, count: int = 12) -> None:
        self.summary_writer = summary_writer
        self.interval = interval
        self.count = count

    def attach(self, engine: Workflow) -> None:
        """Attach to the trainer."""
        engine.add_event_handler(Events.ITERATION_COMPLETED(event_filter=self._is_due), self)

    def _is_due(self, engine: Workflow, iteration: int) -> bool:
        first = (iteration - 1) % engine.state.epoch_length == 0
        return first and (engine.state.epoch - 1) % self.interval == 0

    def __call__(self, engine: Workflow) -> None:
        """Draw the images of the iteration."""
        images, labels = (engine.state.output[key][: self.count].numpy(force=True) for key in ("image", "label"))
        pictures = [_side_by_side(image) for image in images]
        grid = picture_grid(pictures, [describe_truth(label) for label in labels], columns=2, height=192)
        self.summary_writer.add_image("training/images", grid, engine.state.iteration, dataformats="HWC")
        self.summary_writer.flush()


def _side_by_side(image: np.ndarray) -> np.ndarray:
    """Return an image [C, H, W] in [0, 1] as [H, C × W, 3] uint8."""
    grey = (np.concatenate(list(image), axis=1) * 255).round().astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=-1)
