import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from bundle.errors import InputError
from bundle.readers import HeadImageReader, read_raster
from bundle.readers.raster import check_raster

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


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_jpeg(tmp_path, mode):
    Image.new("L", (16, 8), 120).convert(mode).save(tmp_path / "a.jpeg")
    array, _ = read_raster(tmp_path / "a.jpeg")
    assert array.shape == (8, 16)
    np.testing.assert_allclose(array, 120, atol=2)


def test_orientation_in_exif_is_applied(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the first row of the file is the right side of the scene
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
