import pytest

from bundle.errors import InputError
from scripts.predict import main


def test_what_to_score_is_named_without_an_option(tmp_path):
    with pytest.raises(InputError, match=r"inference has no input; give it a file or a folder, as scripts\.predict"):
        main()
    for studies in ((), (str(tmp_path),)):
        with pytest.raises(InputError, match=r"no option --input; name files and folders alone, as scripts\.predict"):
            main(*studies, input=str(tmp_path))
