"""The Python components that the configs of the brain hemorrhage bundle name."""

import logging
import warnings

# MONAI's LoadImage makes every reader it knows, whichever is asked for, and one of them complains of a missing GPU
# library that this bundle does not use.
logging.getLogger("monai.data.nvimgcodec_pydicom_plugin").setLevel(logging.ERROR)
warnings.filterwarnings("ignore", message="NvImgCodecPydicomReader")
