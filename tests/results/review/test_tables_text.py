import csv
import io

from lesion_core.notice import NOTICE
from lesion_core.results.review.report import HeaderFacts, Report, ReportTable, ThresholdFact
from lesion_core.results.review.tables_text import as_csv, as_latex, caption_of, latex

FACTS = HeaderFacts(
    "BNet on a set",
    "histology malignant",
    "histopathology",
    "patient",
    100,
    30,
    2,
    ThresholdFact(0.4, "post hoc", "moved by hand"),
    "once",
)
TABLE = ReportTable("Rates & areas", ("", "TPR_50 %"), (("fold 1", "0.9"), ("=cmd", "-0.5")), "Wilson.")
REPORT = Report("t", FACTS, tables=(TABLE,), methods=("Cross-fitted.",))


def test_csv_carries_what_it_rests_on_and_no_formula():
    lines = list(csv.reader(io.StringIO(as_csv(TABLE, REPORT))))
    comments = [line[0] for line in lines if line and line[0].startswith("# ")]
    assert comments[0] == f"# {NOTICE}"
    assert "# Threshold: 0.4, post hoc: moved by hand" in comments
    assert "# Prevalence: 30 of 100 (30.0%)" in comments
    assert "# Cross-fitted." in comments
    assert lines[-3:] == [["", "TPR_50 %"], ["fold 1", "0.9"], ["'=cmd", "-0.5"]]


def test_latex_is_written_out():
    text = as_latex(TABLE, REPORT)
    assert r"\caption{Rates \& areas. Wilson. BNet on a set; n = 100 patients (30 with label 1)" in text
    assert NOTICE in text
    assert r" & TPR\_50 \% \\" in text
    assert text.count(r"\\") == 3
    assert latex("a_b{c}%#$&~^<\\") == (
        r"a\_b\{c\}\%\#\$\&\textasciitilde{}\textasciicircum{}\textless{}\textbackslash{}"
    )


def test_facts_in_one_line():
    assert "threshold 0.4, post hoc: moved by hand" in caption_of(FACTS)
    assert FACTS.post_hoc
    assert dict(FACTS.entries())["Could not be assessed"] == "2"
    empty = HeaderFacts("w", "t", "", "image", 0, 0)
    assert dict(empty.entries())["Prevalence"] == "undefined (n = 0)"
    assert not empty.post_hoc
