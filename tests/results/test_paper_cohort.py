import numpy as np
import pytest

from lesion_core.cases.cohort import grid
from lesion_core.results.paper_cohort import published_flow, published_table


@pytest.mark.parametrize("organ", ["breast", "thyroid"])
def test_every_section_adds_up_to_its_lesions(organ):
    table = published_table(organ)
    sections = {}
    for line in table.lines:
        sections.setdefault(line.section, []).append(line.counts)
    for section, counts in sections.items():
        assert tuple(np.sum(counts, axis=0)) == tuple(column.lesions for column in table.columns), section


def test_the_papers_tables_as_printed():
    table = published_table("thyroid")
    assert [each.lesions for each in table.columns] == [298, 421, 45, 57]
    assert grid(table)[1][1:] == ("58.5 ± 10.4", "54.2 ± 8.1", "55.8 ± 10.9", "53.9 ± 7.3")
    lines = {(each.section, each.level): each.counts for each in table.lines}
    assert lines["Location", "isthmus"] == (10, 27, 8, 12)
    assert lines["TI-RADS", "4a"] == (126, 68, 31, 9)
    breast = {(each.section, each.level): each.counts for each in published_table("breast").lines}
    assert breast["US machine types", "Siemens"] == (42, 34, 18, 6)
    assert ("Location", "right") not in breast


def test_the_papers_figure():
    flow = published_flow()
    text = {(box.title, box.lines) for box in flow.boxes}
    assert ("Women with thyroid or breast lesions", ("1,611 patients",)) in text
    assert ("Left out", ("14 patients: missing data",)) in text
    assert ("Development", ("719 lesions", "298 malignant", "421 benign")) in text
    assert ("Held-out test (paper)", ("104 lesions", "52 malignant", "52 benign")) in text
    patients = [int(box.lines[0].split()[0].replace(",", "")) for box in flow.boxes[:1] + flow.boxes[2:6:3]]
    assert patients == [1611, 821, 776]
    assert 1611 - 14 == 821 + 776
