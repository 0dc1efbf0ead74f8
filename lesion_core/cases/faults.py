"""What is wrong with the cases of a table, told in one error after all of them were tried."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lesion_core.cases.table import Case
from lesion_core.errors import InputError, TableError


class Faults:
    """Collects them while a table is gone through.

    Example:
        >>> faults = Faults()
        >>> for case in table.cases:
        ...     with faults.of(case):
        ...         measured.append(measure(case))
        >>> faults.check("these cases cannot be measured")
    """

    def __init__(self) -> None:
        self._found: list[str] = []

    @contextmanager
    def of(self, case: Case) -> Iterator[None]:
        """Keep an `InputError` of a case and go on; any other error passes."""
        try:
            yield
        except InputError as error:
            self._found.append(f"case {case.case_id}: {error}")

    def check(self, what: str) -> None:
        """Require that there was none.

        Args:
            what: what cannot be done with these cases, in words.

        Raises:
            TableError: there were; all of them are listed.
        """
        if self._found:
            raise TableError(what, self._found)
