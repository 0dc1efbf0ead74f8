import csv
from dataclasses import replace
from html.parser import HTMLParser

from PIL import Image

from lesion_core.cases.audit import audit
from lesion_core.cases.audit_report import write_csv, write_html
from lesion_core.cases.table import CaseTable
from lesion_core.notice import NOTICE

from .scans import save_scan

NASTY = '<script>alert("x")</script>'


class Page(HTMLParser):
    """Collects tags, text and picture sources."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self.sources = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.sources += [value for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data):
        self.text.append(data)


def audited(folder):
    cases = [save_scan(seed, folder) for seed in range(4)]
    Image.open(folder / "images" / "1.png").save(folder / "images" / "copy.png")
    cases.append(replace(cases[1], case_id="a&b <i>", image="images/copy.png", patient_id=NASTY, label=0))
    (folder / "images" / "3.png").write_bytes(b"broken")
    return audit(CaseTable(tuple(cases), folder))


def test_the_page_escapes_everything_needs_nothing_else_and_carries_the_notice(tmp_path):
    write_html(audited(tmp_path), tmp_path / "audit.html", title=NASTY, other=NASTY)
    text = (tmp_path / "audit.html").read_text()
    page = Page(text)
    assert "script" not in page.tags
    assert "i" not in page.tags
    assert NASTY not in text
    assert text.count(NOTICE) == 2
    assert all(source.startswith(("data:image/jpeg;base64,", "#")) for source in page.sources)
    assert page.tags.count("img") == 2
    assert "Something here would spoil a result." in "".join(page.text)


def test_the_table_lists_every_finding(tmp_path):
    result = audited(tmp_path)
    write_csv(result, tmp_path / "audit.csv")
    with (tmp_path / "audit.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["message"] == NOTICE
    assert len(rows) == 1 + len(result.findings)
    assert rows[1]["weight"] == "spoils"
    conflict = next(row for row in rows if row["kind"] == "label conflict")
    assert conflict["case_ids"] == "case1|a&b <i>"


def test_a_clean_page(tmp_path):
    cases = tuple(save_scan(seed, tmp_path) for seed in range(3))
    write_html(audit(CaseTable(cases, tmp_path)), tmp_path / "audit.html", title="t")
    assert "Nothing was found that would spoil a result." in (tmp_path / "audit.html").read_text()
