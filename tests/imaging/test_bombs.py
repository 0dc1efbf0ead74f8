"""Headers that promise more than the memory holds are refused before anything is allocated."""

import subprocess
import sys

import pytest

from tests.imaging.bombs import SIDE, bombs

NAMES = sorted(bombs())


@pytest.fixture(scope="module")
def answers():
    """Name -> (growth of the peak memory in MiB, answer), from a fresh process with little memory left."""
    run = subprocess.run(
        [sys.executable, "-W", "error", "-m", "tests.imaging.bombs"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert "Warning" not in run.stderr
    rows = (line.split("\t") for line in run.stdout.splitlines())
    return {name: (float(growth), answer) for name, growth, answer in rows}


@pytest.mark.parametrize("name", NAMES)
def test_refused_and_nothing_allocated(name, answers):
    growth, answer = answers[name]
    assert growth < 64
    assert any(
        words in answer
        for words in (
            f"the image is too large: its header says {SIDE:,} x {SIDE:,} pixels, at most 50 million",
            "the image is too large: its header says 65,500 x 65,500",
            "the image is too large: its header says 16,38",
            "the clip is too long: its header says",
            "its tiles are 40,000 x 40,000 pixels",
            "it lists 2,000,000,000 strips or tiles",
            "its frame has 40,000 x 40,000",
            "its frame has 65,500 x 65,500",
            "its frame has 10,000,000 bytes of run lengths",
        )
    )
