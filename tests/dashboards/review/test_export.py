import io
import json
import re
import zipfile

import plotly.graph_objects as go

from dashboards.review.export import page_of, tables_of
from lesion_core.notice import NOTICE
from lesion_core.results.review.report import HeaderFacts, Report, ReportFigure, ReportTable

NASTY = "</script><script>alert(1)</script>"
FACTS = HeaderFacts("W", "mixed", "", "patient", 10, 4, notes=(NASTY,))
FIGURE = go.Figure(go.Scatter(x=[1], y=[2], name=NASTY)).to_json()
REPORT = Report(
    "Title",
    FACTS,
    (ReportFigure("F", FIGURE, "C.", "words"),),
    (ReportTable("T a", ("h",), ((NASTY,),)),),
    ("M.",),
    "tab=cv",
)


def test_the_page_needs_nothing_from_outside_and_nothing_in_it_runs():
    page = page_of(REPORT)
    without_library = re.sub(r"<script>/\*\*.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r"(?:src|href)=", without_library)
    assert NASTY not in page
    (content,) = re.findall(r'<script type="application/json"[^>]*>(.*?)</script>', page)
    kept = json.loads(content)
    assert kept["figure"]["data"][0]["name"] == NASTY
    assert NOTICE in kept["caption"]
    assert "n = 10 patients" in kept["caption"]
    assert page.count(NOTICE) >= 4
    assert "plotly.js (cartesian - minified) v" in page


def test_tables_as_csv_and_latex():
    with zipfile.ZipFile(io.BytesIO(tables_of(REPORT))) as archive:
        assert archive.namelist() == ["t-a.csv", "t-a.tex"]
        assert NOTICE in archive.read("t-a.csv").decode()
        assert r"\toprule" in archive.read("t-a.tex").decode()
