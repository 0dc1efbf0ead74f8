"""What was compared on out-of-fold scores before a model was made as it is: its own figures there flatter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lesion_core.training.terms import SOURCES


@dataclass(frozen=True)
class Looks:
    """What was compared on out-of-fold scores before a model was made as it is: its own figures there flatter.

    Attributes:
        compared: data set, as the case table names it, to what was compared on its scores, with counts.
    """

    compared: Mapping[str, str]

    def sentence(self, datasets: Sequence[str]) -> str:
        """For figures on some data sets: whether they were also used to choose."""
        own = [f"{self.compared[each]} on those of {SOURCES[each][0]}" for each in datasets if each in self.compared]
        if own:
            return f"optimistic: compared on out-of-fold scores were {', '.join(own)}"
        told = [f"{what} were compared on {SOURCES[each][0]}" for each, what in self.compared.items()]
        return f"{', '.join(told)}, not on these cases"

    def external(self, dataset: str) -> str:
        """For figures on a set that the model was not trained on; empty where nothing was compared there."""
        if dataset not in self.compared:
            return ""
        title, what = SOURCES[dataset][0], self.compared[dataset]
        return f"external to the training, not to the choice: {what} were compared on scores of {title}"


#: What was looked at before the network was trained as it is (DECISIONS.md, 2026-11-27): 13, 6 and 4 settings for the
#: earlier releases, the paper's protocol on the frozen trunk, block 5 and all layers; on DDTI `compact`, the same with
#: further training data, those three, and the paper's protocol with all layers on six folds.
NETWORKS_COMPARED = {"busbra": "26 settings", "ddti": "6 protocols"}
#: Before two measurements of the outline were taken into the score.
OUTLINES_COMPARED = {"busbra": "25 sets of outline measurements"}


def looks_of(preset: str, *, outline: bool) -> Looks | None:
    """What was looked at before a model of a preset was made; None where nothing was compared.

    Args:
        preset: its name.
        outline: whether the score takes the outline in.
    """
    found: dict[str, str] = {}
    for compared in ({} if preset.startswith("paper") else NETWORKS_COMPARED, OUTLINES_COMPARED if outline else {}):
        for dataset, what in compared.items():
            found[dataset] = f"{found[dataset]} and {what}" if dataset in found else what
    return Looks(found) if found else None
