"""Records who did what, and finds it again; what it is called when an address is asked for is not its business."""

import logging
import threading
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from core.audit_actions import Action
from core.audit_bounds import RefusalBounds
from models.audit import AuditRecord, Outcome
from models.errors import AppError, StoreUnavailable
from models.run import Run
from storage.audit_log import AuditLog
from storage.audit_reading import Wanted, newest_first, place_of
from storage.data_folder import DataFolder
from utils.clock import Clock, utc_text
from utils.turns import Turns

PER_PAGE = 50
_PATIENCE = 0.35  # seconds that a page looks for what answers; the next goes on there
_log = logging.getLogger(__name__)


class AuditUnreadable(AppError):
    code = "audit_unreadable"
    status = 503


class Who(NamedTuple):
    """Who asks and from where, in the words of `AuditRecord`; everything may be unknown."""

    account: str = ""
    role: str = ""
    via: str = ""
    address: str = ""


class Subject(NamedTuple):
    """What it was about; everything may be empty."""

    job_id: str = ""
    job_name: str = ""
    run_id: str = ""
    names: tuple[str, ...] = ()


NOBODY, SERVICE, NOTHING = Who(), Who(via="service"), Subject()


class Trouble(NamedTuple):
    """Records that could not be written since a moment (UTC text), and why the last could not."""

    since: str
    lost: int
    reason: str


class AuditPage(NamedTuple):
    """Newest first. `older` is the cursor of the next page ("" = there is nothing before).

    `is_cut`: the time was up before the page was full.
    """

    rows: tuple[AuditRecord, ...]
    older: str = ""
    is_cut: bool = False


class Audit:
    """Every method may be called from any (green) thread.

    What cannot be recorded stops nothing: a backup is worth more than its line here. `trouble` says so
    until a record can be written again, and that is preceded by one that tells how many are lost.
    """

    def __init__(self, folder: DataFolder, clock: Clock) -> None:
        self._folder, self._clock, self._log = folder, clock, AuditLog(folder)
        self._bounds, self._mutex = RefusalBounds(clock), threading.Lock()
        self.trouble: Trouble | None = None

    def record(
        self,
        action: Action,
        who: Who = NOBODY,
        about: Subject | Sequence[Subject] = NOTHING,
        outcome: Outcome = "done",
        code: str = "",
        status: int | None = None,
        asked: str = "",
    ) -> None:
        """One record, or one for each subject. Refused attempts are bounded in rate. Raises nothing.

        Give a name that somebody only typed (a failed login) in `names`, and only where there is such an
        account: people type passwords there.
        """
        subjects = [about] if isinstance(about, Subject) else about
        at = utc_text(self._clock.now())
        records = [
            AuditRecord(at, action, outcome, code, status, *who, asked, *subject[:3], names=subject.names)
            for subject in subjects
        ]
        if outcome == "refused":
            records = [told for record in records if (told := self._bounds.admit(record))]
        if records:
            self._write(records)

    def problem(self) -> str:
        """Why nothing can be recorded now, "" where it can."""
        return self._log.problem()

    def by_itself(self, run: Run) -> None:
        """The server began a run that nobody asked for at that moment."""
        self.record("run.start", SERVICE, Subject(run.job_id, run.job_name, run.id), asked=run.trigger)

    def _write(self, records: list[AuditRecord]) -> None:
        with self._mutex:  # whoever takes it tells of it, and nobody else
            trouble, self.trouble = self.trouble, None
        told = [_told(trouble, records[0].at)] if trouble else []
        try:
            self._log.append([*told, *records])
        except StoreUnavailable as error:
            self._lose(records, trouble, error.message)

    def _lose(self, records: list[AuditRecord], untold: Trouble | None, reason: str) -> None:
        with self._mutex:
            known = [trouble for trouble in (untold, self.trouble) if trouble]
            since = min([records[0].at, *(trouble.since for trouble in known)])
            self.trouble = Trouble(since, len(records) + sum(trouble.lost for trouble in known), reason)
        for record in records:
            _log.error("not recorded: %s by %r, %s: %s", record.action, record.account, record.outcome, reason)

    # Reading

    def page(self, wanted: Wanted, before: str = "", limit: int = PER_PAGE) -> AuditPage:
        """The newest records that answer, or those before a cursor; `AuditUnreadable`."""
        rows, older = list[AuditRecord](), ""
        turns, until = Turns(lambda: self._clock.sleep(0)), self._clock.monotonic() + _PATIENCE
        try:
            for place, record in newest_first(self._folder, wanted, place_of(before)):
                if record is None:
                    turns.pause()
                    if self._clock.monotonic() > until:
                        return AuditPage(tuple(rows), place.cursor, is_cut=True)
                    continue
                if len(rows) == limit:
                    return AuditPage(tuple(rows), older)
                rows.append(record)
                older = place.cursor
        except OSError as error:
            raise _unreadable(self._folder, error) from error
        return AuditPage(tuple(rows))

    def each(self, wanted: Wanted) -> Iterator[AuditRecord]:
        """All that answer, newest first."""
        turns = Turns(lambda: self._clock.sleep(0))
        try:
            for _, record in newest_first(self._folder, wanted):
                turns.pause()
                if record:
                    yield record
        except OSError as error:
            raise _unreadable(self._folder, error) from error


def _told(trouble: Trouble, at: str) -> AuditRecord:
    return AuditRecord(at, "audit.lost", "failed", via="service", names=(trouble.reason,), left_out=trouble.lost)


def _unreadable(folder: DataFolder, error: OSError) -> AuditUnreadable:
    return AuditUnreadable(f"The audit log in {folder.root} cannot be read: {error.strerror}.")
