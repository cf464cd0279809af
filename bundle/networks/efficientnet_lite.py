"""EfficientNet-Lite0 as a backbone of `HemorrhageClassifier`, for machines that are small.

EfficientNet (Tan & Le, https://arxiv.org/abs/1905.11946) as its authors simplified it for small devices
(https://github.com/tensorflow/tpu, models/official/efficientnet/lite): no squeeze-and-excitation, and ReLU6 in place of
swish.
"""

from collections import OrderedDict

from monai.networks.nets.efficientnet import EfficientNet, MBConvBlock
from torch import nn

_STAGES = (
    "r1_k3_s11_e1_i32_o16",
    "r2_k3_s22_e6_i16_o24",
    "r2_k5_s22_e6_i24_o40",
    "r3_k3_s22_e6_i40_o80",
    "r3_k5_s11_e6_i80_o112",
    "r4_k5_s22_e6_i112_o192",
    "r1_k3_s11_e6_i192_o320",
)
"""Of blocks: how often, kernel, stride, expansion, channels in and out, in MONAI's words."""

LITE0_CHANNELS = (40, 112, 1280)
"""That the last three layers give, at 1/8, 1/16 and 1/32 of the image's size."""


class EfficientNetLite0(nn.Module):
    """EfficientNet-Lite0 of MONAI's blocks, in the layers that `HemorrhageClassifier` takes from a backbone.

    Its tensors are named as in the package efficientnet-lite-pytorch, with the layer before: that of ImageNet's weights
    ``_blocks.5._bn1.bias`` is ``layer3._blocks.5._bn1.bias``. The last three layers give `LITE0_CHANNELS`.

    Args:
        in_channels: of the images.

    Example:
        ``HemorrhageClassifier(EfficientNetLite0(), 6, backbone_channels=(40, 112, 1280))`` has 4.2 million parameters.
    """

    def __init__(self, in_channels: int = 3) -> None:
        super().__init__()
        full = EfficientNet(list(_STAGES), 2, in_channels, num_classes=1, image_size=224, drop_connect_rate=0.0)
        for module in full.modules():
            if isinstance(module, MBConvBlock):
                module._swish = nn.ReLU6()
        stages = [dict(stage.named_children()) for stage in full._blocks.children()]
        stem = {name: getattr(full, name) for name in ("_conv_stem_padding", "_conv_stem", "_bn0")}
        head = {name: getattr(full, name) for name in ("_conv_head_padding", "_conv_head", "_bn1")}
        self.layer0 = _sequence({**stem, "_relu": nn.ReLU6(), "_blocks": _sequence(stages[0])})
        self.layer1 = _sequence({"_blocks": _sequence(stages[1])})
        self.layer2 = _sequence({"_blocks": _sequence(stages[2])})
        self.layer3 = _sequence({"_blocks": _sequence({**stages[3], **stages[4]})})
        self.layer4 = _sequence({"_blocks": _sequence({**stages[5], **stages[6]}), **head, "_relu": nn.ReLU6()})


def _sequence(modules: dict[str, nn.Module]) -> nn.Sequential:
    return nn.Sequential(OrderedDict(modules))
