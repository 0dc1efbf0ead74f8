"""The second reader's desk: a case table, its first borders, and the decisions on them, kept on disk.

Everything lies in one folder: ``border_checks.csv`` (one row per decision, in order), ``borders/`` (each corrected
border, a file of its own that is never written again) and ``drafts/`` (what was drawn and not yet decided). A decision
is taken under a lock that all pages, processes and tabs share, and written whole or not at all. Whoever decides says
how many decisions on the case were known; when there is another one by then, nothing is written.
"""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from lesion_core.cases.border_check import Check, Decision, check, read_checks, write_checks
from lesion_core.cases.columns import write_text
from lesion_core.cases.lock import locked
from lesion_core.cases.table import Case, CaseTable
from lesion_core.errors import BorderError, InputError
from lesion_core.imaging.border import border_from_json, border_to_json, read_border
from lesion_core.records import Border

CHECKS_FILE = "border_checks.csv"
#: How long a decision waits for another one that is being written.
LOCK_SECONDS = 10.0


def checks_path_of(cases: Path) -> Path:
    """Where the decisions on a case table are kept: in a folder beside it."""
    name = "border_checks" if cases.name == "cases.csv" else f"{cases.stem}.border_checks"
    return cases.parent / name / CHECKS_FILE


class OvertakenError(InputError):
    """Somebody else decided on the case meanwhile; nothing was written."""


@dataclass(frozen=True)
class BorderDesk:
    """Where borders are checked.

    Attributes:
        table: the cases.
        folder: where decisions, corrected borders and drafts are kept; made with the first of them.
    """

    table: CaseTable
    folder: Path

    @property
    def checks_path(self) -> Path:
        """The file of the decisions; missing before the first one."""
        return self.folder / CHECKS_FILE

    def checks(self) -> tuple[Check, ...]:
        """All decisions so far, in their order.

        Raises:
            TableError: the file has bad rows; all of them are listed.
        """
        return read_checks(self.checks_path) if self.checks_path.is_file() else ()

    def first_border(self, case: Case, size: tuple[int, int]) -> Border:
        """The border that is to be checked.

        Args:
            case: of the table.
            size: (height, width) of its image.

        Raises:
            BorderError: the case has none, or it cannot be used.
        """
        path = self.table.border_path(case)
        if path is None:
            raise BorderError(f"{case.case_id} has no border: there is nothing to check, outline it first")
        return read_border(path, size)

    def corrected_border(self, decision: Check, size: tuple[int, int]) -> Border:
        """The second reader's border of a decision.

        Raises:
            BorderError: the decision is no correction, or its file is missing or damaged.
        """
        if not decision.border:
            raise BorderError(f"{decision.case_id}: {decision.decision}, so there is no second border")
        return read_border(self.folder / decision.border, size)

    def decide(
        self,
        case: Case,
        decision: Decision,
        *,
        first_reader: str,
        second_reader: str,
        known: int,
        first: Border | None = None,
        second: Border | None = None,
        comment: str = "",
    ) -> Check:
        """Take down a decision; when this returns, it is on the disk.

        Args:
            case: of the table.
            decision: approved, corrected or rejected.
            first_reader: who drew the border.
            second_reader: who decides.
            known: how many decisions on this case the reader has seen.
            first: the border that was checked, for a correction.
            second: the second reader's, for a correction.
            comment: in the reader's words; needed for a rejection.

        Raises:
            OvertakenError: there is a decision that the reader has not seen.
            InputError: the decision is not complete, or cannot be written.
            TableError: the file of decisions is damaged; it is left as it is.
        """
        with self._locked():
            before = self.checks()
            own = [each for each in before if each.case_id == case.case_id]
            if len(own) != known:
                raise OvertakenError(_overtaken(case, own))
            file = f"borders/{_file_name(case.case_id)}-{len(own) + 1}.json" if second is not None else ""
            made = check(
                case,
                decision,
                first_reader=first_reader,
                second_reader=second_reader,
                drawn=first if second is not None else None,
                corrected=second,
                border=file,
                comment=comment,
            )
            if second is not None:
                write_text(self.folder / file, border_to_json(second) + "\n")
            write_checks((*before, made), self.checks_path)
        self.drop_draft(case.case_id, second_reader)
        return made

    def keep_draft(self, case_id: str, reader: str, border: Border) -> None:
        """Keep what a reader has drawn and not decided on, in place of an earlier draft.

        Raises:
            InputError: it cannot be written.
        """
        points = json.loads(border_to_json(border))["points"]
        text = json.dumps({"case_id": case_id, "reader": reader.strip(), "points": points})
        write_text(self._draft_path(case_id, reader), text + "\n")

    def draft(self, case_id: str, reader: str, size: tuple[int, int]) -> Border | None:
        """What the reader had drawn before; None without a draft, or with one that no longer fits the image."""
        path = self._draft_path(case_id, reader)
        try:
            return border_from_json(path.read_bytes(), size) if path.is_file() else None
        except BorderError:
            return None

    def drop_draft(self, case_id: str, reader: str) -> None:
        """Forget a draft, if there is one."""
        self._draft_path(case_id, reader).unlink(missing_ok=True)

    def _draft_path(self, case_id: str, reader: str) -> Path:
        name = hashlib.sha256(f"{case_id}\0{reader.strip().casefold()}".encode()).hexdigest()[:24]
        return self.folder / "drafts" / f"{name}.json"

    def _locked(self) -> AbstractContextManager[None]:
        return locked(self.folder / ".lock", LOCK_SECONDS, f"another decision is being written in {self.folder}")


def _overtaken(case: Case, own: list[Check]) -> str:
    if not own:
        return f"{case.case_id}: the decisions that you saw are no longer there, nothing was written: look again"
    last = own[-1]
    why = f" ({last.comment})" if last.comment else ""
    return (
        f"{case.case_id} was {last.decision}{why} by {last.second_reader} at {last.checked_at} meanwhile; "
        "nothing was written: look at it, then decide again if you still want to"
    )


def _file_name(case_id: str) -> str:
    """A name that every file system takes, different for different cases."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", case_id).strip("_.")[:60] or "case"
    return f"{plain}-{hashlib.sha256(case_id.encode()).hexdigest()[:8]}"
