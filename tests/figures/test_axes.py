import pytest

from bundle.figures import legend_below, save_figure, unit_axes


@pytest.mark.parametrize(("label", "columns"), [("subdural", 2), ("a modified network of the paper, no mask 0.797", 1)])
def test_a_legend_lies_within_the_figure_and_leaves_the_axes_their_size(tmp_path, label, columns):
    sizes = []
    for text in ("subdural", label):
        figure, axes = unit_axes("x", "y")
        for number in range(8):
            axes.plot([0, 1], [0, number / 8], label=text)
        legend_below(figure, "AUC")
        save_figure(figure, tmp_path / "a.png")
        sizes.append(axes.get_window_extent().size)
    (legend,) = figure.legends
    assert legend._ncols == columns
    box = legend.get_window_extent()
    assert box.x0 >= 0 and box.x1 <= figure.bbox.width and 0 <= box.y0 < box.y1 <= axes.get_window_extent().y0
    assert sizes[1] == pytest.approx(sizes[0], abs=4)
