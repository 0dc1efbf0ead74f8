"""How a page has to look on a phone and in the dark."""

VIEWS = {
    "narrow": ({"viewport": {"width": 375, "height": 800}}, ""),
    "dark": ({"color_scheme": "dark"}, "__theme=dark&"),
}


def assert_fits(page, controls):
    """Nothing makes the page scroll sideways, and each control is there.

    Args:
        controls: selectors.
    """
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    for control in controls:
        assert page.locator(control).is_visible(), control


def assert_text_is_readable(page, selector, view):
    """A figure's text is light in the dark, and only there.

    Args:
        selector: of text in a figure.
        view: a key of `VIEWS`.
    """
    fill = page.locator(selector).first.evaluate("each => getComputedStyle(each).fill")
    light = sum(int(each) for each in fill.removeprefix("rgb(").removesuffix(")").split(",")[:3]) > 3 * 128
    assert light == (view == "dark")
