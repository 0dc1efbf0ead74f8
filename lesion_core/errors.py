"""The exceptions of the package, few and named after what the user can do about them.

.. code-block:: text

    LesionError                 everything below; its message can be shown to the user as it stands
    ├── InputError (ValueError) what was handed in cannot be used
    │   ├── ImageError          an upload that is no readable image
    │   ├── BorderError         a border that encloses nothing usable
    │   ├── TableError          a CSV with bad rows: `.problems` lists every one of them
    │   └── StatisticsError     data on which a statistic cannot be computed (lengths differ, NaN, unknown labels)
    ├── PublishError            what would go up to the hub is not right, or the hub does not take it
    ├── StoreError              readings cannot be stored or read just now; nothing was changed
    ├── TrainingError           a training that cannot go on: what was finished is kept
    ├── CheckpointError         weights or card missing, damaged or not fitting together
    └── MissingExtraError       an optional package is not installed: names the command that installs it
"""

from __future__ import annotations

from collections.abc import Sequence


class LesionError(Exception):
    """Base of all errors whose message is meant for the user."""


class InputError(LesionError, ValueError):
    """What was handed in cannot be used."""


class ImageError(InputError):
    """An upload that is no readable image."""


class BorderError(InputError):
    """A border that encloses nothing usable."""


class TableError(InputError):
    """A table with bad rows.

    Attributes:
        problems: one sentence per fault, in the order of the rows.
    """

    SHOWN = 20

    def __init__(self, what: str, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        shown = "\n".join(f"  - {problem}" for problem in self.problems[: self.SHOWN])
        more = len(self.problems) - self.SHOWN
        tail = f"\n  ... and {more} more" if more > 0 else ""
        super().__init__(f"{what}: {len(self.problems)} problem(s)\n{shown}{tail}")


class StatisticsError(InputError):
    """Data on which a statistic cannot be computed."""


class PublishError(LesionError):
    """What would go up to the hub is not right, or the hub does not take it."""


class StoreError(LesionError):
    """Readings cannot be stored or read just now; nothing was changed."""


class TrainingError(LesionError):
    """A training that cannot go on; what was finished is kept, and the same command goes on from there."""


class CheckpointError(LesionError):
    """Weights or card missing, damaged or not fitting together."""


class MissingExtraError(LesionError):
    """An optional package is not installed."""

    def __init__(self, package: str, purpose: str, command: str) -> None:
        super().__init__(f"{purpose} needs the package {package!r}: install it with `{command}`")
