"""The page in a real browser: what is on the screen, by mouse, by keys alone, by a finger, and printed."""

import io
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
import torch
from PIL import Image

from bundle.display import BONE, BRAIN, SUBDURAL, WINDOWS
from bundle.transforms.window import window_hu
from bundle.viewer import HeadPictures, write_page
from tests.browser import SHIFT, chromium, needs_chromium
from tests.viewer.examples import head, phantom, pictures

pytestmark = needs_chromium

HEADS = [head(), pictures(), head("")]
"""In the order of the worklist."""
COUNT = len(HEADS[0].slices)
FIRST = 1 + max(range(COUNT), key=lambda index: HEADS[0].slices[index].record["p_any"])
STAGE = "#head-1 .stage"


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "index.html"
    write_page(path, reversed(HEADS), failed=[{"image": "a.dcm", "reason": "is cut short"}])
    return path


@pytest.fixture
def page(browser, file):
    """The page, just opened, on a screen."""
    browser.resize(1280, 900)
    browser.open(file)
    return browser


def wait_for(page, number, place="#head-1"):
    page.until(f"document.querySelector('{place}').dataset.shown === '{number}'")


def press(page, key, number, modifiers=0):
    page.press(key, modifiers)
    wait_for(page, number)


def focused(page):
    return page.evaluate("(document.activeElement.closest('section') ?? document.activeElement).id")


def stage(page):
    """Return what is seen of the first head, [96, 96, 3] in [0, 1], as many pixels as its slices have."""
    page.evaluate("scrollTo(0, document.querySelector('#head-1').offsetTop)")
    box = page.box(STAGE)
    clip = {**{name: box[name] for name in ("x", "y", "width", "height")}, "scale": 1}
    clip["y"] += page.evaluate("scrollY")
    with Image.open(io.BytesIO(page.screenshot(clip=clip))) as shot:
        return np.asarray(shot.convert("RGB").resize((96, 96), Image.Resampling.BOX)) / 255


def error(seen, index, window):
    """Return the mean difference of what is seen and a slice in a window, away from the captions."""
    expected = window_hu(torch.tensor(phantom().image[index]), window.level, window.width).numpy()
    return abs(seen.mean(axis=-1) - expected)[14:82, 12:84].mean()


def overlap(one, other):
    """Return whether two boxes have a pixel in common."""
    return all(
        one[low] < other[high] and other[low] < one[high] for low, high in (("left", "right"), ("top", "bottom"))
    )


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_the_page_is_drawn_and_does_not_move_sideways(browser, file, width, height):
    browser.resize(width, height, touch=width < 500)
    browser.open(file)
    assert browser.evaluate("document.documentElement.scrollWidth") <= width
    assert browser.evaluate("innerWidth") == width
    assert browser.evaluate("[...document.images].every((image) => image.complete && image.naturalWidth)")
    assert browser.evaluate("document.images.length") <= 3 * len(HEADS), "of each head one slice"
    outside = "[...document.querySelectorAll('section, button, .caption, td')].filter((each) => {const box ="
    outside += f" each.getBoundingClientRect(); return box.width && (box.left < 0 || box.right > {width})}}).length"
    assert browser.evaluate(outside) == 0
    for number in range(1, len(HEADS) + 1):
        boxes = browser.evaluate(
            f"[...document.querySelectorAll('#head-{number} .caption')].filter((each) => each.innerText)"
            ".map((each) => each.getBoundingClientRect().toJSON())"
        )
        assert not [pair for pair in combinations(boxes, 2) if overlap(*pair)], "captions do not cover each other"
    assert browser.problems() == [], "nothing thrown, logged or asked of the network"


@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: window.name)
def test_each_window_shows_the_slice_as_a_radiologist_sees_it(page, window):
    page.press("h")
    page.press(str(WINDOWS.index(window) + 1))
    seen = stage(page)
    assert np.ptp(seen[14:82, 12:84], axis=-1).max() < 0.02, "grey without the heat map"
    assert error(seen, FIRST - 1, window) < 0.05
    others = [error(seen, FIRST - 1, other) for other in WINDOWS if other is not window]
    others += [error(seen[:, ::-1], FIRST - 1, window), error(seen[::-1], FIRST - 1, window)]
    assert min(others) > 2 * error(seen, FIRST - 1, window)
    words = page.evaluate(f"document.querySelector('{STAGE} .window').innerText")
    assert words == f"{window.name} {window.level}/{window.width}"


def test_the_heat_map_lies_over_the_bleed_and_is_switched_off(page):
    with_heat = np.ptp(stage(page), axis=-1)
    bleed = phantom().bleed[FIRST - 1] > 0
    assert with_heat[bleed].mean() > 0.1 > 0.02 > np.median(with_heat[~bleed])
    page.press("h")
    assert np.ptp(stage(page), axis=-1)[bleed].max() < 0.02
    page.evaluate("document.querySelector('#head-1 [data-heat]').click()")
    np.testing.assert_allclose(np.ptp(stage(page), axis=-1), with_heat, atol=0.02)


def test_the_heat_map_lies_over_the_bleed_where_pixels_are_not_square(browser, tmp_path):
    one = head()
    row, column = phantom().spacing[1:]
    squeezed = [
        replace(each, pixels=each.pixels[::2], heat=each.heat[::2], spacing=(2 * row, column)) for each in one.slices
    ]
    write_page(tmp_path / "index.html", [HeadPictures(one.record, squeezed)])
    browser.resize(1280, 900)
    browser.open(tmp_path / "index.html")
    coloured = np.ptp(stage(browser), axis=-1) > 0.1
    bleed = phantom().bleed[FIRST - 1] > 0
    centres = [np.argwhere(each).mean(axis=0) for each in (coloured, bleed)]
    np.testing.assert_allclose(*centres, atol=2)


def test_the_wheel_turns_slices_and_the_captions_with_them(page):
    page.press("h")
    page.evaluate("scrollTo(0, document.querySelector('#head-1').offsetTop)")
    page.mouse("mouseMoved", *page.middle(STAGE))
    for number in (FIRST + 1, FIRST + 2):
        page.wheel(*page.middle(STAGE), -100)
        wait_for(page, number)
    caption = page.evaluate(f"document.querySelector('{STAGE} .place').textContent")
    assert caption == f"slice {FIRST + 2} of {COUNT} · counted from the base · {5 * (FIRST + 1) - 20:.1f} mm"
    seen = stage(page)
    errors = [error(seen, index, BRAIN) for index in range(COUNT)]
    assert int(np.argmin(errors)) == FIRST + 1
    page.wheel(*page.middle(STAGE), 100)
    wait_for(page, FIRST + 1)


def test_a_page_that_moves_under_the_mouse_keeps_moving(page):
    x, _ = page.middle(STAGE)
    page.mouse("mouseMoved", x, 10)
    page.evaluate("scrollBy(0, 300)")
    page.until("scrollY >= 300")
    before = page.evaluate("scrollY")
    page.mouse("mouseWheel", x, 400, deltaX=0, deltaY=100)
    page.until(f"scrollY > {before}")
    assert page.evaluate("document.querySelector('#head-1').dataset.shown") == str(FIRST)


def test_everything_is_reached_by_keys_alone(page):
    for _ in range(10):
        page.press("Tab")
        if page.evaluate("document.activeElement.hash === '#head-1'"):
            break
    style = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(style) == "solid", "the focus is seen"
    page.press("Enter")
    page.until("document.activeElement.matches('.stage')")
    assert focused(page) == "head-1" and page.evaluate(style) == "solid"
    press(page, "ArrowUp", FIRST + 1)
    press(page, "ArrowDown", FIRST)
    press(page, "Home", 1)
    press(page, "PageUp", 6)
    press(page, "PageDown", 1)
    press(page, "ArrowLeft", 1)
    press(page, "End", COUNT)
    value = f"document.querySelector('{STAGE}').getAttribute('aria-valuenow')"
    assert page.evaluate(value) == str(COUNT)
    marked = [index + 1 for index, each in enumerate(HEADS[0].slices) if each.record["p_any"] >= 0.5]
    press(page, "s", marked[-1], SHIFT)
    press(page, "Home", 1)
    press(page, "s", marked[0])
    for key, window in (("2", SUBDURAL), ("3", BONE), ("1", BRAIN)):
        page.press(key)
        assert page.evaluate("document.body.dataset.window") == window.name
        pressed = f"document.querySelector('#head-1 [data-window={window.name}]').ariaPressed"
        assert page.evaluate(pressed) == "true"
    page.press("h")
    assert page.evaluate("document.body.dataset.heat") == "off"
    for key, place in (("n", "head-2"), ("n", "head-3"), ("n", "head-3"), ("p", "head-2"), ("w", "worklist")):
        page.press(key)
        assert focused(page) == place
    assert page.problems() == []


def test_the_page_is_opened_at_a_head(browser, file):
    browser.resize(1280, 900)
    browser.open(file, "#head-3")
    browser.until("scrollY > 0")
    browser.press("End")
    wait_for(browser, COUNT, "#head-3")


def test_a_marked_slice_is_clicked_in_the_curve(page):
    page.evaluate("scrollTo(0, document.querySelector('#head-1').offsetTop)")
    dots = "[...document.querySelectorAll('#head-1 circle')].map((dot) => dot.getBoundingClientRect().toJSON())"
    for index, dot in enumerate(page.evaluate(dots)):
        page.click(dot["x"] + dot["width"] / 2, dot["y"] + dot["height"] / 2)
        wait_for(page, index + 1)
    page.evaluate("document.querySelector('#head-1 [data-marked=\"-1\"]').click()")
    wait_for(page, max(index + 1 for index, each in enumerate(HEADS[0].slices) if each.record["p_any"] >= 0.5))


def test_a_finger_turns_slices_sideways_and_moves_the_page_up_and_down(browser, file):
    browser.resize(390, 844, touch=True)
    browser.open(file)
    browser.evaluate("scrollTo(0, document.querySelector('#head-1').offsetTop)")
    x, y = browser.middle(STAGE)
    browser.swipe((x, y), (x - 40, y))
    browser.until(f"document.querySelector('#head-1').dataset.shown < {FIRST}")
    shown, before = browser.evaluate("[document.querySelector('#head-1').dataset.shown, scrollY]")
    browser.swipe((x, y), (x, y - 150))
    browser.until(f"scrollY > {before}")
    assert browser.evaluate("document.querySelector('#head-1').dataset.shown") == shown


def test_pictures_say_that_the_sides_are_unknown_and_have_no_windows(page):
    assert "left and right unknown" in page.evaluate("document.querySelector('#head-2 .stage').innerText")
    assert page.evaluate("document.querySelector('#head-2 [data-window]')") is None
    assert page.evaluate("document.querySelector('#head-1 .side.left').textContent") == "R"
    page.press("3")
    assert page.evaluate("getComputedStyle(document.querySelector('#head-2 .image')).display") != "none"


def test_print_shows_the_most_suspicious_slice_in_the_brain_window(page):
    page.evaluate(f"document.querySelector('{STAGE}').focus()")
    press(page, "Home", 1)
    page.press("3")
    page.press("h")
    page.evaluate("window.printed = []")
    page.evaluate(
        "addEventListener('beforeprint', () => printed.push(document.querySelector('#head-1 .place').textContent))"
    )
    pdf = page.pdf()
    assert pdf.startswith(b"%PDF") and pdf.count(b"/Type /Page\n") >= 2, "the worklist, and the heads after it"
    assert page.evaluate("printed[0]").startswith(f"slice {FIRST} of {COUNT}")
    page.until("document.querySelector('#head-1 .place').textContent.startsWith('slice 1 of')")
    page.send("Emulation.setEmulatedMedia", media="print")
    try:
        styles = "(name) => getComputedStyle(document.querySelector('#head-1 ' + name)).display"
        assert page.evaluate(f"['.image', '.bone', '.tools', 'nav'].map({styles})") == ["block", "none", "none", "none"]
    finally:
        page.send("Emulation.setEmulatedMedia", media="")


@pytest.mark.parametrize("shape", [(100, 100), (150, 75), (50, 100)])
def test_the_scale_bar_is_true_to_the_picture(browser, tmp_path, shape):
    one = pictures(1).slices[0]
    tall = replace(one, pixels=np.full(shape, 99, np.float32), spacing=(2.0, 2.0))
    write_page(tmp_path / "index.html", [HeadPictures(pictures(1).record, [tall])])
    browser.resize(1280, 900)
    browser.open(tmp_path / "index.html")
    stage, bar = browser.box(STAGE), browser.box(f"{STAGE} .scale")
    assert stage["width"] / stage["height"] == pytest.approx(shape[1] / shape[0], rel=0.01), "no border at the sides"
    assert bar["width"] / stage["width"] == pytest.approx(50 / (2 * shape[1]), rel=0.02)


def test_hostile_text_is_not_run(browser, tmp_path):
    hostile = "</script><script>window.run = 1</script><img src=x onerror='window.run = 1'>"
    one = pictures(description=hostile, series=hostile, most_suspicious_image=f"{hostile}/0.png")
    write_page(tmp_path / "index.html", [one], failed=[{"image": hostile, "reason": hostile}])
    browser.resize(1280, 900)
    browser.open(tmp_path / "index.html")
    assert browser.evaluate("window.run") is None and browser.problems() == []
    browser.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=http://example.invalid/x onerror=1>')")
    browser.until("true")
    blocked = [each for each in browser.problems() if each["method"] == "Log.entryAdded"]
    assert any("Content Security Policy" in each["params"]["entry"]["text"] for each in blocked)


def test_a_head_without_a_picture_is_passed_by(browser, tmp_path):
    failed = HeadPictures(
        {"series": "x", "action": "read soon", "refer_reason": "none of its slices could be read"}, []
    )
    write_page(tmp_path / "index.html", [failed, head()])
    browser.resize(1280, 900)
    browser.open(tmp_path / "index.html")
    for place in ("head-1", "head-2"):
        browser.press("n")
        assert focused(browser) == place
    assert browser.problems() == []
