"""The page of an inference run: a worklist of heads, and each head as a stack of slices to look at."""

from bundle.viewer.names import head_names
from bundle.viewer.page import write_page
from bundle.viewer.pictures import HeadPictures, SlicePicture
from bundle.viewer.verdict import likely_subtypes, verdict_sentences, where_words

__all__ = [
    "HeadPictures",
    "SlicePicture",
    "head_names",
    "likely_subtypes",
    "verdict_sentences",
    "where_words",
    "write_page",
]
