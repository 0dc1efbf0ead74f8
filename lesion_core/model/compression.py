"""What a card says of a model that was made smaller: how, and what that changed in its scores. No torch in here."""

from __future__ import annotations

from dataclasses import dataclass

from lesion_core.stats.estimate import signed


@dataclass(frozen=True)
class ScoreChange:
    """Scores of the smaller model beside those of its parent, on the same images.

    Attributes:
        cases: which images.
        n: number of images.
        n_malignant: malignant ones among them.
        largest: largest absolute difference of a score, 0-1.
        mean: mean absolute difference.
        calls: images whose call differs at the parent's threshold; None where there was no threshold yet.
        auc_parent: area of the parent's scores; None where it is undefined (one class).
        auc: area of the smaller model's scores; None likewise.
        difference: `auc` minus `auc_parent`; None likewise.
        low: lower end of its interval; None where it has none.
        high: upper end.
        level: of the interval.
        method: of the interval.
        note: anything a reader must know; may be empty.
    """

    cases: str
    n: int
    n_malignant: int
    largest: float
    mean: float
    calls: int | None
    auc_parent: float | None
    auc: float | None
    difference: float | None
    low: float | None
    high: float | None
    level: float
    method: str
    note: str = ""

    @property
    def sentence(self) -> str:
        """All of it in one sentence."""
        text = f"{self.cases} (n = {self.n}, {self.n_malignant} malignant): largest score difference {self.largest:.4f}"
        text += f", mean {self.mean:.4f}"
        if self.calls is not None:
            text += f", {self.calls} calls changed"
        note = f"; {self.note}" if self.note else ""
        if self.auc is None or self.auc_parent is None or self.difference is None:
            return f"{text}; AUC undefined (one class){note}"
        text += f"; AUC {self.auc_parent:.4f} to {self.auc:.4f}, difference {signed(self.difference, 4)}"
        if self.low is None or self.high is None:
            return f"{text} (no interval: {self.note})"
        return (
            f"{text} ({100 * self.level:.0f} % CI {signed(self.low, 4)} to {signed(self.high, 4)}, {self.method}){note}"
        )


@dataclass(frozen=True)
class Compression:
    """How a model was made smaller.

    Attributes:
        parent_sha256: of the parent's weights file, 64 hex digits; empty where the parent was never written.
        method: in words.
        fitted_on: how many images the low-rank factors were fitted to; 0 where none were.
        changes: what it changed, on several sets of images.
    """

    parent_sha256: str
    method: str
    fitted_on: int
    changes: tuple[ScoreChange, ...]

    def problems(self) -> list[str]:
        """What is of the right type and still wrong."""
        found = []
        if self.parent_sha256 and (len(self.parent_sha256) != 64 or set(self.parent_sha256) - set("0123456789abcdef")):
            found.append("parent_sha256 of the compression is not a SHA-256")
        for change in self.changes:
            ordered = change.low is None or change.high is None or change.difference is None
            if not ordered and not change.low <= change.difference <= change.high:  # type: ignore[operator]  # not None
                found.append(f"the AUC difference on {change.cases} lies outside its own interval")
            if not 0 <= change.mean <= change.largest <= 1:
                found.append(f"score differences on {change.cases} are not from 0 to 1")
        return found
