import pytest

from lesion_core.errors import InputError
from tests.commands.conftest import command
from tests.commands.results_page import PAGE, rows_below


@pytest.mark.parametrize("model", ["bnet", "tnet"])
def test_every_row_of_the_page_is_printed(model):
    done = command("subgroups", model)
    assert done.exit_code == 0, done.output
    rows = rows_below(f"python -m lesion_core subgroups {model}")
    assert len(rows) > 8
    assert [row for row in rows if row not in done.output.splitlines()] == []
    assert "not a medical device" in done.output


def test_the_page_names_the_methods_of_its_intervals():
    (line,) = [line for line in command("subgroups", "bnet").output.splitlines() if line.startswith("Intervals: ")]
    methods = line.removeprefix("Intervals: ").partition(".")[0].split(", ")
    assert methods == ["DeLong", "Newcombe score", "Wilson"]
    said = " ".join(PAGE.partition("\n## Subgroups\n")[2].partition("\npython -m")[0].split())
    assert [name for name in methods if name.split()[0] not in said] == []


def test_category_four_stands_alone_and_small_subgroups_are_marked():
    printed = command("subgroups", "bnet").output
    (four,) = [line for line in printed.splitlines() if line.startswith("| Category of the reader | 4 |")]
    assert "392 (233)" in four
    assert "| Category of the reader | 2 (not tested) | 304 (5) |" in printed
    assert "every lesion was biopsied" in printed.lower()


def test_per_image_the_intervals_are_clustered():
    assert "DeLong, clustered" in command("subgroups", "bnet", "--unit", "image").output


def test_an_unknown_model():
    with pytest.raises(InputError, match="choose one of"):
        command("subgroups", "xnet")
