import torch
from torch import nn

from bundle.engines import CpuBFloat16Inferer


def test_runs_in_bfloat16_and_answers_in_float32():
    seen = []
    network = nn.Linear(4, 2)
    network.register_forward_hook(lambda _, __, output: seen.append(output.dtype))
    inputs = torch.rand(3, 4)
    output = CpuBFloat16Inferer()(inputs, network)
    assert seen == [torch.bfloat16]
    assert output.dtype == torch.float32
    torch.testing.assert_close(output, network(inputs), rtol=0.02, atol=0.02)
