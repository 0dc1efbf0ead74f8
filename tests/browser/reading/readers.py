"""What a reader does at the desk, by keyboard."""


def sign_in(page, name, code):
    page.locator("input[name=name]").wait_for()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    page.locator("input[name=experience]").wait_for()
    page.keyboard.type("5 years")
    page.keyboard.press("Enter")


def forget(page, opened):
    """As when the reader signs out in another tab of this browser."""
    page.evaluate("(study) => localStorage.removeItem(`lesion-reading:${study}:token`)", opened.study_id)


def sign_in_again(page, opened, name):
    """Where the page says that its sitting is over; whoever signs in has agreed to the rules before."""
    page.get_by_text("this sitting is over").wait_for()
    page.locator("input[name=name]").fill(name)
    page.locator("input[name=code]").fill(dict(opened.codes)[name])
    page.keyboard.press("Enter")


def at_case(page, position, arm="unaided"):
    page.locator(f"#room[data-state='reading {position} {arm}']").wait_for()


def hold(page, key, times=12):
    """Press a key and keep it down, as a keyboard repeats it."""
    for _ in range(times):
        page.keyboard.down(key)
        page.wait_for_timeout(60)
    page.keyboard.up(key)
