from dashboards import reader_agreement
from lesion_core.cases.ddti_readers import read_pairs


def test_agreement_by_hand():
    pairs = [each for each in read_pairs() if each.second == "resident 2"]
    rows = reader_agreement.agreement_rows(pairs)
    assert [row[0] for row in rows] == ["radiologist and resident 2", "resident 1 and resident 2"]
    assert rows[0][1] == "151 (131)"
    assert rows[0][2].startswith("0.888 (0.8")
    assert rows[1][5] == "152 of 153"
