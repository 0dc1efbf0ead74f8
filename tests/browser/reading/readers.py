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


def at_case(page, position, arm="unaided"):
    page.locator(f"#room[data-state='reading {position} {arm}']").wait_for()


def hold(page, key, times=12):
    """Press a key and keep it down, as a keyboard repeats it."""
    for _ in range(times):
        page.keyboard.down(key)
        page.wait_for_timeout(60)
    page.keyboard.up(key)
