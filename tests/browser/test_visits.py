"""The browser tests' own tools: what they are there to notice, they notice."""

import pytest

from tests.browser.visits import find_chromium, visiting


def test_without_a_browser_the_tests_are_skipped_but_on_ci_they_fail(tmp_path):
    nowhere = {"PATH": str(tmp_path)}
    with pytest.raises(pytest.skip.Exception, match="install chromium"):
        find_chromium(nowhere)
    with pytest.raises(pytest.fail.Exception, match="install chromium"):
        find_chromium({**nowhere, "CI": "true"})


def test_the_environment_names_the_browser(tmp_path):
    named = tmp_path / "my-browser"
    named.write_text("#!/bin/sh\n")
    named.chmod(0o755)
    assert find_chromium({"PATH": "", "LESION_CHROMIUM": str(named)}) == str(named)


@pytest.mark.browser
@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("console.error('it broke')", "console: it broke"),
        ("setTimeout(() => { throw new Error('it broke') })", "uncaught: .*it broke"),
        ("fetch('http://outside.invalid/').catch(() => 0)", "asked another host: http://outside.invalid/"),
        ("new Image().src = 'https://outside.invalid/pixel.png'", "asked another host: https://outside.invalid/pixel"),
    ],
)
def test_a_fault_in_the_page_fails_its_test(browser, script, told):
    with pytest.raises(AssertionError, match=told):
        run_in_page(browser, script)


def run_in_page(browser, script):
    with visiting(browser) as open_page:
        page = open_page("data:text/html,<title>x</title>").page
        page.route("**/*", lambda route: route.abort())
        page.evaluate(script)
        page.wait_for_timeout(100)


@pytest.mark.browser
def test_a_quiet_page_passes(browser):
    with visiting(browser) as open_page:
        visited = open_page("data:text/html,<title>x</title>")
        visited.page.evaluate("console.log('fine')")
    assert visited.faults() == []
