from dashboards.observers import tables
from dashboards.observers.address import first_choice
from dashboards.observers.choice import panel
from lesion_core.results.observers.against_each import pair_tests
from lesion_core.results.observers.against_group import group_review
from lesion_core.results.observers.agreement_groups import MAJORITY, agreement_groups, kappas
from lesion_core.results.observers.figures_of_merit import merit_rows
from lesion_core.results.observers.organ_matrix import organ_matrix, published_matrix, published_pair
from lesion_core.results.observers.panel import panel_of
from lesion_core.results.observers.published import published_rows
from lesion_core.results.observers.stability import Nudged, summarise
from lesion_core.results.paper_findings import findings
from tests.results.observers.made import calls_of, random_study, run_of, source_of


def square(rows):
    assert len({len(row) for row in rows}) == 1
    assert all(isinstance(cell, str) for row in rows for cell in row)
    return rows


def test_cannot_assess_is_counted_both_ways_in_one_row():
    whole = panel(first_choice("synthetic"))
    rows = square(
        tables.merit_table(merit_rows(whole, "left out"), merit_rows(whole, "counted as wrong"), "counted as wrong")
    )
    row = next(each for each in rows if each[0] == "simulated D")
    assert row[1] == "233; 10 not counted"
    assert row[6].startswith("10; counted as wrong: TPR 0.614, TNR 0.858")
    assert next(each for each in rows if each[0] == "bnet")[6] == "0"


def test_pairs_and_group_say_what_they_are():
    whole = panel_of(random_study(readers=3), ["bnet@r"], unit="image")
    pairs = square(tables.pair_table(pair_tests(whole, "left out", draws=20)))
    assert len(pairs) == 1 + 3 * 4
    assert pairs[1][1] == "at the model's own threshold"
    assert pairs[3][1].startswith("at the reader's specificity: specificity")
    group = square(tables.group_table(group_review(whole, "left out")))
    assert [row[0] for row in group[1:]] == ["bnet: AUC", "bnet: sensitivity", "bnet: specificity"]
    assert "shown" in group[1][6]


def test_what_is_undefined_gives_its_reason():
    source = source_of(run_of([1, 0, 1, 0], [0.9, 0.2, 0.3, 0.4]), readings=calls_of("R", [1, 0, 1, 1]), thresholds=())
    whole = panel_of(source, ["bnet@r"], unit="image")
    pairs = square(tables.pair_table(pair_tests(whole, "left out", draws=20)))
    assert pairs[1][6] == "undefined: no threshold of this model is stated"
    assert pairs[1][3] == "undefined"
    merit = tables.merit_table(merit_rows(whole, "left out"), merit_rows(whole, "left out"), "left out")
    assert merit[1][2].startswith("undefined: no threshold is known")


def test_the_papers_tables():
    rows = square(tables.published_table(published_rows("breast")))
    tnet, category = rows[1], rows[-1]
    assert tnet[1] == "46/52, 44/52"
    assert tnet[4] == tnet[6] == "0.875 (0.804-0.947)"
    assert tnet[7].startswith("0.865")
    assert tnet[8].startswith("no: follows only over 47 malignant and 57 benign")
    assert category[0] == "recorded BI-RADS"
    assert square(tables.published_table(published_rows("thyroid")))[1][8] == "yes"
    pairs = square(tables.published_pair_table("thyroid"))
    assert [row[1] for row in pairs[1:]] == ["0.0004", "0.1536", "0.0424"]
    assert all(row[-1] == "no: outside every range" for row in pairs[1:])
    assert {row[-1] for row in tables.published_pair_table("breast")[1:]} == {"none printed"}
    found = square(tables.findings_table(findings()))
    assert len(found) == len(findings()) + 1


def test_the_other_tables_are_square():
    whole = panel_of(random_study(readers=3), ["bnet@r"], unit="image")
    groups = agreement_groups(whole, "bnet", MAJORITY, "left out")
    rows = tables.agreement_rows(groups)
    assert rows["both/1"][0] == "label 1, right: both"
    assert sum(int(row[1].replace(",", "")) for row in rows.values()) == whole.n
    square(tables.kappa_table(kappas(whole, "left out")))
    matrix = organ_matrix([random_study()])
    assert square(tables.matrix_table(matrix))[1] == ("TNet", "no TNet is bundled", "no TNet is bundled")
    square(tables.matrix_tests_table(matrix))
    square(tables.published_matrix_table(published_matrix(), published_pair()))
    nudges = (Nudged("bnet", "s", "a", 0.01, 0.4, 0.6), Nudged("bnet", "s", "b", 0.01, 0.4, 0.45))
    assert square(tables.stability_table(summarise(nudges, 0.5, draws=20)))[1][0] == "1% of the diameter"
