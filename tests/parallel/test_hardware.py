import os

import pytest
import torch

from bundle.parallel.hardware import describe_device


def test_a_processor_is_named_with_its_cores():
    name, _, cores = describe_device("cpu").rpartition(", ")
    assert name and 1 <= int(cores.split()[0]) <= os.cpu_count()


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU on this machine")
def test_a_gpu_is_named():
    assert describe_device("cuda") == torch.cuda.get_device_name()
