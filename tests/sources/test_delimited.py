import csv

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bundle.datalist import Collection
from bundle.errors import InputError
from bundle.sources.delimited import DELIMITERS, find_delimiter, read_columns, read_lines
from bundle.sources.identity import add_identities
from tests.datalist.examples import row
from tests.sources.test_table import read

REMEDY = "give a table"


@pytest.mark.parametrize(("last", "delimiter"), [('"ok', "\t"), ('"ok', ","), ('"ok" so', ",")])
def test_a_quotation_mark_that_is_not_closed_takes_no_row_in_silence(tmp_path, last, delimiter):
    rows = [f"{k}.png{delimiter}0{delimiter}{last if k == 3 else 'ok'}" for k in range(32)]
    text = "\n".join([f"image{delimiter}ICH{delimiter}remark", *rows]) + "\n"
    with pytest.raises(InputError, match=r'table\.csv cannot be read as CSV from line 5 on .*; close the " there'):
        (tmp_path / "table.csv").write_text(text)
        list(read_lines(tmp_path / "table.csv", REMEDY, delimiter))
    with pytest.raises(InputError, match=r"t\.csv cannot be read as CSV from line 5 on"):
        read(tmp_path, text)
    with pytest.raises(InputError, match="from line 5 on"):
        (tmp_path / "identity.csv").write_text(text.replace("ICH", "patient"))
        add_identities(Collection("table", [row("0.png")]), "identity.csv", tmp_path)


cells = st.text(st.sampled_from('ab ",;\n\t|é'), max_size=5)


@settings(
    derandomize=True, max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(cells, cells), max_size=4),
    st.sampled_from(DELIMITERS),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_what_is_between_two_quotation_marks_is_read_as_written(tmp_path, rows, delimiter, quoting):
    with (tmp_path / "t.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter, quoting=quoting).writerows([("one", "two"), *rows])
    assert find_delimiter(tmp_path / "t.csv", REMEDY) == (delimiter, ["one", "two"])
    read_back = [cells for _, cells in read_columns(tmp_path / "t.csv", ("one", "two"), REMEDY, delimiter)]
    assert read_back == [cells for cells in rows if any(cells)]


def test_a_quotation_mark_within_a_cell_is_a_character(tmp_path):
    (tmp_path / "t.csv").write_text('image,remark\na.png,5" left\n')
    assert list(read_lines(tmp_path / "t.csv", REMEDY))[1] == (2, ["a.png", '5" left'])
