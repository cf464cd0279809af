from bundle.handlers.evaluation_report import head_scalars
from bundle.report.sections.heads import heads
from tests.report.test_heads_section import write_heads
from tests.report.uncertain import read_evaluation


def test_tensorboard_speaks_of_heads_in_the_words_of_the_worklist(tmp_path):
    write_heads(tmp_path / "predictions.csv", 1)
    write_heads(tmp_path / "validation.csv", 2)
    content = heads(read_evaluation(tmp_path))
    found = head_scalars({"heads": content})
    assert found["sensitivity"] == content["figures"]["sensitivity"]["value"]
    for truth in ("normal", "hemorrhage"):
        shares = [found[f"{action}_{truth}"] for action in ("read_first", "read_soon", "routine")]
        assert shares == [figure["value"] for figure in content["actions"][truth].values()]


def test_what_is_not_known_of_heads_is_left_out(tmp_path):
    write_heads(tmp_path / "predictions.csv", 1, count=2, label=[0] * 6)
    found = head_scalars({"heads": heads(read_evaluation(tmp_path))})
    assert "auc" not in found and "sensitivity" not in found and "read_soon_hemorrhage" not in found
    assert found["specificity"] >= 0 and found["read_soon_normal"] > 0
    assert head_scalars({"heads": None}) == {}
