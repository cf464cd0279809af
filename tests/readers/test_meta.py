import numpy as np
from monai.utils import MetaKeys

from bundle.intensity import INTENSITY, Intensity
from bundle.readers.meta import image_meta


def test_the_keys_are_monais():
    meta = image_meta(np.zeros((2, 3)), np.eye(4), Intensity.HU, "CT")
    known = {MetaKeys.AFFINE, MetaKeys.SPATIAL_SHAPE, MetaKeys.ORIGINAL_CHANNEL_DIM, MetaKeys.SPACE}
    assert meta.keys() == {*(key.value for key in known), INTENSITY, "modality"}
