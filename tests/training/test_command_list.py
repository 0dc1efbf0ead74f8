"""checkpoints/README.md lists the commands that made what lies there in an order in which they can be run."""

import re
import shutil
import subprocess
from itertools import takewhile

import pytest

from tests.test_readme import ROOT

PAGE = (ROOT / "checkpoints" / "README.md").read_text(encoding="utf-8")
LIST = "".join(re.findall(r"^```\n(.*?)^```$", PAGE, flags=re.DOTALL | re.MULTILINE))
#: Says its arguments, one call a line, in place of running.
STAND_IN = r'python() { printf "%s\t" "$@"; echo; }'
#: Commands whose last argument before the options is the folder that they write.
WRITE_LAST = ("import", "pack")


def calls(commands):
    """The arguments of every call of python as bash makes them, loops and all; bash finds no other program."""
    bash = shutil.which("bash")
    assert bash is not None
    run = subprocess.run(
        [bash, "--restricted", "-euc", f"{STAND_IN}\n{commands}"],
        env={"PATH": "/nowhere"},
        capture_output=True,
        text=True,
        check=True,
    )
    return [line.split("\t")[:-1] for line in run.stdout.splitlines()]


def read_too_early(commands):
    """The paths under runs/ that a command reads though no earlier one wrote their folder."""
    written, early = set(), []
    for _, _, command, *arguments in calls(commands):
        out = {at + 1 for at, each in enumerate(arguments) if each in ("--out", "--to", "--cache")}
        if command in WRITE_LAST:
            out.add(len(list(takewhile(lambda each: not each.startswith("--"), arguments))) - 1)
        for at, path in enumerate(arguments):
            if at not in out and path.startswith("runs/") and "/".join(path.split("/")[:2]) not in written:
                early.append(path)
        written |= {arguments[at] for at in out}
    return early


def test_loops_are_expanded():
    made = calls(LIST)
    assert ["-m", "lesion_core", "keep", "runs/tnet-2015-4b-cv", "--as", "tnet-2015-4b"] in made
    best = [each for each in made if each[-1] == "runs/tbnet-best-cpu-cv"]
    assert [each[3:5] for each in best] == [["runs/busbra/cases.csv", "runs/ddti-reread/cases.csv"]]


def test_what_a_command_reads_was_written_by_an_earlier_one():
    assert read_too_early(LIST) == []


@pytest.mark.parametrize(
    ("line", "path"),
    [
        (r"python .* import busbra BUSBRA runs/busbra\n", "runs/busbra/cases.csv"),
        (r"python .* pack .*\n", "runs/pack/trunk.safetensors"),
        (r"python .* final .* --out runs/tnet-best .*\n", "runs/tnet-best"),
        (r" *python .* --model bnet .* --out runs/bnet-cv-\$seed\n", "runs/bnet-cv-0"),
    ],
)
def test_a_line_that_is_missing_is_noticed(line, path):
    without, count = re.subn(line, "", LIST)
    assert count == 1
    assert read_too_early(without)[0] == path
