import pytest

from bundle.errors import InputError
from scripts.predict import main


def test_what_to_score_is_named_without_an_option(tmp_path):
    with pytest.raises(InputError, match=r"inference has no input; give it a file or a folder, as scripts\.predict"):
        main()
    for studies in ((), (str(tmp_path),)):
        with pytest.raises(InputError, match=r"no option --input; name files and folders alone, as scripts\.predict"):
            main(*studies, input=str(tmp_path))


@pytest.mark.parametrize(("key", "option"), [("output_dir", "output"), ("dicom_dir", "dicom")])
def test_a_folder_by_its_name_in_the_config_is_refused_and_not_overridden(tmp_path, key, option):
    with pytest.raises(InputError, match=rf"no option --{key}; name the folder with --{option}$"):
        main(str(tmp_path), **{key: str(tmp_path / "out")})
    assert not (tmp_path / "out").exists()
