"""The review must arrive at each finding by computation; the numbers here were worked out by hand beforehand."""

import pytest

from lesion_core.results import paper
from lesion_core.results import paper_findings as findings
from lesion_core.results import paper_review as review


@pytest.mark.parametrize(
    ("key", "follows", "part"),
    [
        ("breast-denominators", False, "57 is the thyroid set's benign count (57) and 47 = 104 - 57"),
        ("average-reader-thyroid", True, "one imaginary reader at 35/45 and 48/57, by SPSS"),
        ("average-reader-breast", True, "not an interval over readers"),
        ("p-R1", False, "p from 0.00083 to 0.093"),
        ("p-R2", False, "from the totals alone at least 0.32"),
        ("bnet-thyroid", False, "30/45 = 66.7"),
        ("bnet-breast", True, "46/52 and 45/52"),
        ("tnet-development-breast", True, "259/299 and 325/373"),
        ("tbnet", False, "only 67/90 + 101/114 = 168/204"),
        ("tbnet", False, "97 malignant and 109 benign"),
        ("fold-area-TNet", True, "0.8625"),
        ("fold-area-BNet", False, "0.8890"),
        ("discussion-tnet-breast", False, "the two are swapped"),
        ("discussion-bnet-thyroid", False, "these are their breast counts; on thyroid 78.5/81.7/84.2"),
        ("mean-age", False, "57.0 by weight"),
        ("breast-planes", False, "427 in Table 1"),
        ("held-out", False, "373 - 52 = 321 and 299 - 52 = 247"),
        ("iterations", True, "20 epochs x 454"),
        ("thyroid-age", False, "56.0 by weight of Table 2, and Table 1's benign breast lesions have 55.3 ± 12.6"),
    ],
)
def test_other_findings(key, follows, part):
    found = {f.key: f for f in findings.findings()}[key]
    assert found.follows is follows
    assert part in found.recomputed


def test_findings_are_complete_and_named_once():
    found = findings.findings()
    assert len({f.key for f in found}) == len(found)
    assert all(f.about and f.published and f.recomputed and f.how for f in found)
    assert sum(f.key.startswith("counts-") and f.follows for f in found) == 8
    assert [f.key for f in found if f.key.startswith("area-") and not f.follows] == [
        f"area-breast-{reader}" for reader in ("TNet", "R1", "R2", "R3")
    ]


def test_findings_change_with_the_figures(monkeypatch):
    """Nothing is written down beforehand: with other figures the review says otherwise."""
    for cached in (findings.findings, review.reviewed_readings, review.area_sizes, review.reviewed_p_values):
        cached.cache_clear()
    monkeypatch.setattr(paper, "MEAN_AGE_OF_ALL", 57.0)
    monkeypatch.setattr(paper, "ITERATIONS", 9000)
    monkeypatch.setattr(paper, "P_VALUES", (("R1", paper.Printed.of("0.0424")), *paper.P_VALUES[1:]))
    found = {f.key: f for f in findings.findings()}
    assert found["mean-age"].follows
    assert not found["iterations"].follows
    assert found["p-R1"].follows
    for cached in (findings.findings, review.reviewed_readings, review.area_sizes, review.reviewed_p_values):
        cached.cache_clear()
