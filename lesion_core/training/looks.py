"""What was compared on out-of-fold scores before a model was made as it is: its own figures there flatter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lesion_core.training.terms import SOURCES


@dataclass(frozen=True)
class Looks:
    """What was compared on out-of-fold scores before a model was made as it is: its own figures there flatter.

    Attributes:
        dataset: whose scores were looked at, as the case table names it.
        compared: what was compared, with counts.
    """

    dataset: str
    compared: str

    def sentence(self, datasets: Sequence[str]) -> str:
        """For figures on some data sets: whether they were also used to choose."""
        title = SOURCES[self.dataset][0]
        if self.dataset in datasets:
            return f"optimistic: {self.compared} were compared on out-of-fold scores of {title}"
        return f"{self.compared} were compared on {title}, not on these cases"

    @property
    def external(self) -> str:
        """For figures on that very data set of a model that was trained on other data."""
        title = SOURCES[self.dataset][0]
        return f"external to the training, not to the choice: {self.compared} were compared on scores of {title}"


#: Settings looked at before preset `compact` was fixed: 13 and 6 for the first release, 4 for this one (DECISIONS.md).
SETTINGS_COMPARED = "23 settings"
#: Sets of outline measurements looked at before two were taken into the score (DECISIONS.md, 2026-11-27).
OUTLINES_COMPARED = "25 sets of outline measurements"


def looks_of(preset: str, *, outline: bool) -> Looks | None:
    """What was looked at before a model of a preset was made; None where nothing was compared.

    Args:
        preset: its name.
        outline: whether the score takes the outline in.
    """
    compared = [SETTINGS_COMPARED] if preset == "compact" else []
    compared += [OUTLINES_COMPARED] if outline else []
    return Looks("busbra", " and ".join(compared)) if compared else None
