import pytest

from bundle.files import file_sha256


def test_the_example_of_the_standard(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    # FIPS 180-4, its example of one block.
    assert file_sha256(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert file_sha256(str(tmp_path / "a")) == file_sha256(tmp_path / "a")


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        file_sha256(tmp_path / "a")
