import numpy as np
import pytest

from bundle.labels import UNKNOWN
from bundle.losses import class_weights

NORMAL = [0, 0, 0, 0, 0, 0]
EPIDURAL = [1, 0, 0, 0, 0, 1]
SUBDURAL = [0, 0, 0, 0, 1, 1]
UNSPECIFIED = [UNKNOWN] * 5 + [1]


def rows(*labels):
    return [{"label": np.array(label, dtype=np.float32)} for label in labels]


def test_weigh_by_the_inverse_square_root_of_frequency_with_mean_one():
    data = rows(*[NORMAL] * 16, *[SUBDURAL] * 4, EPIDURAL)
    weights = class_weights(data, "subtype")
    normal, epidural, subdural = weights[0], weights[1], weights[5]
    assert subdural / normal == pytest.approx(2)
    assert epidural / normal == pytest.approx(4)
    assert (16 * normal + 4 * subdural + epidural) / 21 == pytest.approx(1)


@pytest.mark.parametrize("told", [0, 1, 10])
def test_bleeds_of_unknown_subtypes_count_in_equal_parts_for_those_that_may_be(told):
    weights = class_weights(rows(*[NORMAL] * 900, *[UNSPECIFIED] * 100, *[SUBDURAL] * told), "subtype")
    unspecified = np.mean(weights[1:])
    mean = (900 * weights[0] + 100 * unspecified + told * weights[5]) / (1000 + told)
    assert mean == pytest.approx(1, abs=0.02)
    assert 4 < unspecified / weights[0] < 8


def test_name_a_class_without_a_slice(caplog):
    weights = class_weights(rows(*[NORMAL] * 3, EPIDURAL), "subtype")
    assert "intraparenchymal, intraventricular, subarachnoid, subdural" in caplog.text
    assert weights[2] == 1


def test_do_not_complain_of_subtypes_that_the_data_set_does_not_tell(caplog):
    class_weights(rows(NORMAL, UNSPECIFIED), "subtype")
    assert caplog.text == ""


def test_binary_and_multilabel():
    data = rows(*[NORMAL] * 9, UNSPECIFIED)
    normal, hemorrhage = class_weights(data, "binary")
    assert hemorrhage / normal == pytest.approx(3)
    assert class_weights(data, "multilabel")[5] == pytest.approx(3)


@pytest.mark.parametrize("task", ["subtype", "binary", "multilabel"])
def test_rows_of_which_nothing_is_known_change_nothing(caplog, task):
    data = rows(*[NORMAL] * 9, EPIDURAL, *[SUBDURAL] * 3)
    weights = class_weights(data, task)
    said = caplog.text
    caplog.clear()
    assert class_weights(data + rows(*[[UNKNOWN] * 6] * 5), task) == weights
    assert caplog.text == said
