"""What a screen reader and an eye meet."""

import numpy as np

from tests.browser.border_canvas.desk import ellipse


def test_the_page_says_what_is_on_it(desk):
    names = [b.get_attribute("aria-label") for b in desk.find("button[data-action]").all()]
    assert len(names) == len(set(names)) == 9
    overlay = desk.find(".bc-overlay")
    assert overlay.get_attribute("tabindex") == "0"
    described = overlay.get_attribute("aria-describedby").split()
    assert len(described) == 2
    for name in described:
        assert desk.page.locator(f"[id='{name}']").count() == 1
    assert desk.find('.bc-status[role="status"][aria-live="polite"]').count() == 1


def take_picture(desk, name):
    desk.stroke(ellipse((480, 380), (230, 150), 24))
    desk.wait(lambda: "rectangle" in desk.legend())
    desk.page.mouse.move(2, 2)
    desk.frame()
    desk.visited.screenshot(name)
    # Buttons that can be pressed stand out from the toolbar.
    ink, ground = (
        desk.find('[data-action="undo"]').evaluate(f"e => getComputedStyle(e).{what}")
        for what in ("color", "backgroundColor")
    )
    values = [np.array([float(v) for v in c[c.index("(") + 1 : -1].split(",")[:3]]) for c in (ink, ground)]
    assert np.abs(values[0] - values[1]).mean() > 90


def test_light(desk):
    take_picture(desk, "canvas-light")


def test_dark(open_desk):
    desk = open_desk(color_scheme="dark")
    assert desk.page.evaluate("document.body.classList.contains('dark')")
    take_picture(desk, "canvas-dark")
