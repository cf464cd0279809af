import struct
import zlib

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from bundle.errors import InputError
from bundle.gate import Kind, judge_picture
from bundle.readers import HeadImageReader, read_raster
from bundle.readers.raster import check_raster

ORIENTATION = 0x0112
GREY = np.arange(0, 240, 5, dtype=np.uint8).reshape(6, 8)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "P"])
def test_grey_in_any_mode(tmp_path, mode):
    image = Image.fromarray(GREY)
    if mode == "P":
        image = image.convert("P")
        image.info["transparency"] = bytes(range(256))
    elif mode != "L":
        image = image.convert(mode)
    if mode.endswith("A"):
        image.putalpha(7)
    assert image.mode == mode
    image.save(tmp_path / "a.png")
    array, meta = read_raster(tmp_path / "a.png")
    np.testing.assert_array_equal(array, GREY)
    assert array.dtype == np.float32
    assert (meta["intensity"], meta["modality"], meta["original_channel_dim"]) == ("display", "", "no_channel")


@settings(derandomize=True, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_colour_is_luminance(tmp_path, colour):
    Image.new("RGB", (2, 2), colour).save(tmp_path / "a.png")
    array, _ = read_raster(tmp_path / "a.png")
    np.testing.assert_allclose(array, np.dot(colour, (0.299, 0.587, 0.114)), atol=1)


def test_one_bit(tmp_path):
    Image.fromarray(GREY > 100).save(tmp_path / "a.png")
    np.testing.assert_array_equal(read_raster(tmp_path / "a.png")[0], np.where(GREY > 100, 255, 0))


def test_sixteen_bits_keep_their_values(tmp_path):
    values = GREY.astype(np.uint16) * 270
    Image.fromarray(values).save(tmp_path / "a.png")
    array, meta = read_raster(tmp_path / "a.png")
    np.testing.assert_array_equal(array, values)
    assert meta["intensity"] == "arbitrary"


def write_deep_png(path, values, colour_type):
    """Write grey of 16 bits in the channels of a PNG's colour type (PNG, 11.2.1)."""
    channels = {2: 3, 4: 2, 6: 4}[colour_type]
    lines = np.repeat(values.astype(">u2")[..., None], channels, axis=-1)
    content = b"\x89PNG\r\n\x1a\n"
    header = struct.pack(">IIBBBBB", *values.shape[::-1], 16, colour_type, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + line.tobytes() for line in lines))
    for name, part in ((b"IHDR", header), (b"IDAT", data), (b"IEND", b"")):
        content += struct.pack(">I", len(part)) + name + part + struct.pack(">I", zlib.crc32(name + part))
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("colour_type", [2, 4, 6])
def test_channels_of_sixteen_bits_are_no_display_values(tmp_path, colour_type):
    path = write_deep_png(tmp_path / "a.png", GREY.astype(np.uint16) * 256, colour_type)
    array, meta = read_raster(path)
    np.testing.assert_array_equal(array, GREY)
    assert meta["intensity"] == check_raster(path).intensity == "arbitrary"
    assert judge_picture(path).kind is Kind.UNKNOWN_UNIT


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_jpeg(tmp_path, mode):
    Image.new("L", (16, 8), 120).convert(mode).save(tmp_path / "a.jpeg")
    array, _ = read_raster(tmp_path / "a.jpeg")
    assert array.shape == (8, 16)
    np.testing.assert_allclose(array, 120, atol=2)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_each_orientation_is_that_of_pillow(tmp_path, orientation, suffix):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    Image.fromarray(GREY).save(tmp_path / f"a{suffix}", exif=exif)
    with Image.open(tmp_path / f"a{suffix}") as image:
        expected = np.asarray(ImageOps.exif_transpose(image))
    np.testing.assert_array_equal(read_raster(tmp_path / f"a{suffix}")[0], expected)


def entry(tag, kind, count, value):
    return struct.pack("<HHI", tag, kind, count) + value


TURNED = entry(ORIENTATION, 3, 1, struct.pack("<HH", 6, 0))
CARELESS = {
    "a resolution that is a text": (b"".join((b"\2\0", TURNED, entry(0x11A, 2, 4, b"72\0\0"), b"\0" * 4)), True),
    "an orientation that is a text": (b"\1\0" + entry(ORIENTATION, 2, 2, b"6\0\0\0") + b"\0" * 4, False),
    "no such orientation": (b"\1\0" + entry(ORIENTATION, 3, 1, struct.pack("<HH", 9, 0)) + b"\0" * 4, False),
    "a part of EXIF that is none": (b"".join((b"\2\0", TURNED, entry(0x8769, 2, 4, b"abc\0"), b"\0" * 4)), True),
}


@pytest.mark.parametrize("what", CARELESS)
def test_careless_exif_is_no_reason_to_refuse_a_picture(tmp_path, what):
    fields, is_turned = CARELESS[what]
    exif = b"Exif\0\0II*\0" + struct.pack("<I", 8) + fields
    Image.fromarray(GREY).save(tmp_path / "a.jpg", exif=exif, quality=100)
    check_raster(tmp_path / "a.jpg")
    array, _ = read_raster(tmp_path / "a.jpg")
    np.testing.assert_allclose(array, np.rot90(GREY, -1) if is_turned else GREY, atol=4)


def test_a_picture_whose_exif_is_none_stays_as_stored(tmp_path):
    Image.fromarray(GREY).save(tmp_path / "a.png", exif=b"Exif\0\0nonsense")
    np.testing.assert_array_equal(read_raster(tmp_path / "a.png")[0], GREY)


@pytest.mark.parametrize("error", [TypeError, struct.error, AttributeError, KeyError])
def test_whatever_pillow_raises_is_an_unreadable_file(tmp_path, monkeypatch, error):
    def fail(self, *_):
        raise error("odd")

    Image.fromarray(GREY).save(tmp_path / "a.png")
    monkeypatch.setattr(Image.Image, "convert", fail)
    with pytest.raises(InputError, match=r"a\.png is not a readable PNG or JPEG image"):
        read_raster(tmp_path / "a.png")


def test_orientation_in_exif_is_applied(tmp_path):
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # the first row of the file is the right side of the scene
    picture = np.zeros((16, 32), np.uint8)
    picture[:8] = 255
    Image.fromarray(picture).save(tmp_path / "a.jpg", exif=exif)
    array, _ = read_raster(tmp_path / "a.jpg")
    assert array.shape == (32, 16)
    assert array[:, 10:].min() > 200
    assert array[:, :6].max() < 50


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
@pytest.mark.parametrize("kept", [0.02, 0.5, 0.9])
def test_damaged(tmp_path, suffix, kept):
    path = tmp_path / f"a{suffix}"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64), dtype=np.uint8)).save(path)
    check_raster(path)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    for function in (read_raster, check_raster):
        with pytest.raises(InputError, match="not a readable PNG or JPEG"):
            function(path)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [("a.png", b"", "empty"), ("a.bmp", b"BM", "known format"), ("absent.png", None, "does not exist")],
)
def test_reader_refuses(tmp_path, name, content, sentence):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    reader = HeadImageReader()
    with pytest.raises(InputError, match=sentence):
        reader.get_data(reader.read(path))
