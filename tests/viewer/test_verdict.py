"""The words of a verdict say nothing that its figures contradict."""

import pytest

from bundle.viewer.verdict import verdict_sentences


@pytest.mark.parametrize(
    ("p_any", "threshold", "said"),
    [
        (0.91, 0.268386, "P(any) is 0.91, the threshold 0.27."),
        (0.2679, 0.268386, "P(any) is 0.2679, the threshold 0.2684."),
        (0.2671, 0.268386, "P(any) is 0.267, the threshold 0.268."),
        (0.268386, 0.268386, "P(any) is 0.27, the threshold 0.27."),
    ],
)
def test_a_score_below_the_threshold_is_not_written_as_equal_to_it(p_any, threshold, said):
    head = {"action": "read soon", "p_any": p_any, "threshold": threshold}
    assert verdict_sentences(head)[1] == said
