"""What a table of ended runs knows of one job: the rows of its runs and those that matter; not the runs themselves."""

from array import array
from dataclasses import dataclass, field

from core.run_lines import NO_FILES, PROOF, SETTLES, UNPROVEN
from models.run import GOOD, RunState
from storage.run_ledger import LedgerLine

NONE = -1
RULES = 1  # raise it when `take_in` comes to other answers: tables that were packed before are then made anew
_MOST = 1 << 62  # what still can be packed


@dataclass(slots=True)
class Past:
    """The runs of a job in the order of its history: row numbers (-1: none), and how far its history is known.

    `last` is the latest backup, `last_good` the latest that ended well, `proof` the latest run that proved the copy,
    `unproven` a verification since then that found it wanting, `settling` a retry since `last` that completes it.
    `number` is -1 for a job of which no run is known.
    """

    number: int = NONE
    rows: "array[int]" = field(default_factory=lambda: array("I"))
    backups: "array[int]" = field(default_factory=lambda: array("I"))
    end: int = 0
    last: int = NONE
    last_good: int = NONE
    proof: int = NONE
    unproven: int = NONE
    settling: int = NONE
    sent_bytes: int = 0

    def take_in(self, row: int, line: LedgerLine, state: RunState) -> None:
        """The run that follows those known."""
        self.rows.append(row)
        self.end = line.end
        if line.marks & PROOF:
            self.proof, self.unproven = row, NONE
        elif line.marks & UNPROVEN:
            self.unproven = row
        elif line.marks & SETTLES:
            self.settling = row
        if line.kind != "backup" or state is RunState.CANCELLED:
            return
        self.backups.append(row)
        self.last, self.settling = row, NONE
        self.sent_bytes = min(self.sent_bytes + max(0, line.sent_bytes), _MOST)
        if state is RunState.DONE or (state in GOOD and not line.marks & NO_FILES):
            self.last_good = row
