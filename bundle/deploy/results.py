"""The end of an inference by MONAI's engine: what it collected is reported."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ignite.distributed as idist

from bundle.deploy.collect_outputs import CollectOutputs
from bundle.pictures import Explainer
from bundle.results import Results


class InferenceResults:
    """Report what inference collected, see `bundle.results.Results`; of a job's processes, rank 0 does so for all.

    Args:
        outputs: the handler that collects them.
        explainer: of the slices, whose rows are as `bundle.sources.unlabelled.find_images` gives them.
        rejected: what was no usable image, see `bundle.results.Results.write`.
        root: what was given to inference.
        output_dir: folder of the results.
        results: what is reported, and how.
        dicom_dir: folder of results for a PACS; None writes none.
    """

    def __init__(
        self,
        outputs: CollectOutputs,
        explainer: Explainer,
        rejected: Sequence[Mapping[str, Any]],
        root: Path | str | Sequence[Path | str],
        output_dir: Path | str,
        results: Results,
        dicom_dir: Path | str | None = None,
    ) -> None:
        self.outputs = outputs
        self.explainer = explainer
        self.rejected = rejected
        self.root = root
        self.output_dir = output_dir
        self.results = results
        self.dicom_dir = dicom_dir

    def prepare(self) -> None:
        """Make the folders of the results, before hours are spent on what goes in.

        Raises:
            InputError: see `bundle.results.Results.prepare`.
        """
        if idist.get_rank() == 0:
            self.results.prepare(self.output_dir, self.dicom_dir)

    def finish(self) -> int:
        """Write everything, print a summary, and return the exit status; each process of a job must ask.

        Returns:
            See `bundle.results.Answer.status`; 0 in the processes that do not write.

        Raises:
            InputError: see `bundle.results.Results.write`.
        """
        collected = self.outputs.gathered()
        if idist.get_rank() > 0:
            return 0
        answer = self.results.write(
            collected, self.explainer, self.rejected, self.root, self.output_dir, self.dicom_dir
        )
        print(answer.summary())
        return answer.status
