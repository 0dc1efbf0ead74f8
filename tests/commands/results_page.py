"""What docs/results.md says that a command prints."""

from tests.test_readme import ROOT

PAGE = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")


def rows_below(line):
    """The rows of the table that follows a command on the page."""
    assert PAGE.count(f"{line}\n") == 1, line
    section = PAGE.partition(f"{line}\n")[2].partition("\npython -m")[0].partition("\n## ")[0]
    return [row for row in section.splitlines() if row.startswith("|")]
