import json

import pytest

from lesion_core.model.card import model_folder, read_card
from lesion_core.results.scores import read_scores
from lesion_core.training.card_figures import calibration_of
from tests.commands.conftest import command
from tests.commands.results_page import rows_below


@pytest.mark.parametrize("model", ["bnet", "tnet", "tbnet"])
def test_every_row_of_the_page_is_printed_and_the_card_keeps_what_the_scores_teach(model):
    done = command("calibration", model)
    assert done.exit_code == 0, done.output
    rows = rows_below(f"python -m lesion_core calibration {model}")
    assert len(rows) >= 6
    assert [row for row in rows if row not in done.output.splitlines()] == []
    folder = model_folder(model)
    (path,) = (folder / "scores").glob("*-out-of-fold.csv")
    card = read_card(folder)
    assert card.calibration == calibration_of(read_scores(path), ", ".join(data.dataset for data in card.training))
    assert card.calibration.n == sum(data.images for data in card.training)


def test_a_model_keeps_its_calibration_and_scores_that_teach_none_say_so(workshop):
    folder = workshop.models / "bnet"
    (path,) = (folder / "scores").glob("*-out-of-fold.csv")
    header, *rows = path.read_text().splitlines()
    cells = [row.split(",") for row in rows]
    for at, row in enumerate(cells):  # apart in neither direction
        row[10] = f"{0.2 + 0.6 * (row[7] == '1') * (at % 5 > 0) + 0.02 * (at % 7):.6f}"
    path.write_text("\n".join([header, *(",".join(row) for row in cells)]) + "\n")
    done = command("calibration", "bnet", "--keep")
    assert done.exit_code == 0, done.output
    kept = json.loads((folder / "card.json").read_text())["calibration"]
    assert (kept["n"], kept["prevalence"]) == (len(rows), 0.5)
    assert read_card(folder).calibration.slope > 0
