import json
from types import SimpleNamespace

from dashboards.review import link


def request(**pairs):
    return SimpleNamespace(query_params=pairs)


def test_what_is_written_is_read_back():
    sent = json.loads(link.write("cv", {"run": "a/b", "t": "0.4"}))
    pairs = {"tab": sent["tab"], **{f"cv.{name}": text for name, text in sent["values"].items()}}
    assert link.read(request(**pairs), "cv") == {"run": "a/b", "t": "0.4"}


def test_another_tabs_link_is_left_alone():
    assert link.read(request(**{"tab": "test", "cv.run": "x"}), "cv") == {}
    assert link.read(None, "cv") == {}


def test_too_much_for_an_address_is_left_out():
    sent = json.loads(link.write("cv", {"run": "a", "cases": "x" * link.TOO_LONG}))
    assert sent["values"] == {"run": "a"}


def test_only_tabs_there_are_open():
    script = link.open_asked_tab({"test", "cv"})
    assert '["cv", "test"].includes(asked)' in script
    assert "TABS" not in script
