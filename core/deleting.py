"""Deletes files of a source on this machine, each after one last look at it; which may go was decided before."""

import errno
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from core.deletion_words import REASONS, Reason, under_way
from core.journal import RunJournal
from core.manifest import Manifest
from core.proof import Proof
from models.findings import Deletion, Finding
from storage.deletions_log import DeletionsLog, named
from utils.text import visible_name

_BATCH = 128


def batches(names: Iterable[bytes]) -> Iterator[list[bytes]]:
    waiting = iter(names)
    while batch := list(islice(waiting, _BATCH)):
        yield batch


class Deleting:
    """One pass over the proven names. `deletion` and `kept` hold what came of it, at any moment."""

    def __init__(self, manifest: Manifest, journal: RunJournal, proof: Proof, log: DeletionsLog) -> None:
        self._manifest, self._journal, self._proof, self._log = manifest, journal, proof, log
        self.deletion = journal.run.deletion or Deletion("")
        self.kept: Counter[Reason] = Counter()
        self._number = 0

    def delete(self, names: Iterable[bytes], may_go_on: Callable[[], bool]) -> bool:
        """Deal with all of them: True; or stop where `may_go_on`, asked before every batch, says no.

        `StoreUnavailable` where the list of what is to go cannot be kept.
        """
        for batch in batches(names):
            if not may_go_on():
                return False
            self._log.write("about", [named(name, n=self._number + n) for n, name in enumerate(batch, 1)])
            dealt_with = [self._deal_with(name) for name in batch]
            self._log.write("deleted", [record for record in dealt_with if "reason" not in record])
            self._log.write("kept", [record for record in dealt_with if "reason" in record])
            self._proof.keep()
            self._journal.note(under_way(self.deletion))
            self._journal.figures(self._journal.run.progress, deletion=self.deletion)
        return True

    def _deal_with(self, name: bytes) -> dict[str, Any]:
        """Delete the file or leave it; the record of that."""
        self._number += 1
        size: int | None = None
        try:
            original = self._manifest.source.status(name)
            size = original.st_size
            reason = self._unlink(name, original)
        except FileNotFoundError:
            reason = "gone"
        except (NotADirectoryError, IsADirectoryError):
            reason = "changed"
        except OSError as error:
            reason = "changed" if error.errno == errno.ELOOP else "refused"
            self._journal.say("warn", f"{visible_name(name)}: {(error.strerror or str(error)).lower()}.")
        return self._stayed(name, size, reason) if reason else self._went(name, size or 0)

    def _unlink(self, name: bytes, original: os.stat_result) -> Reason | None:
        """Why it stays, None if it went."""
        source = self._manifest.source
        if not self._manifest.is_as_it_was(name, original):
            return "changed"
        with source.guarded(name) as guard:
            # What was written before the guard stood shows now, and nothing can be written behind it.
            now = source.status(name)
            if not guard.is_unused():
                return "busy"
            if not self._manifest.is_as_it_was(name, now):
                return "changed"
            # Another file may take the name between a look and the deletion. So first what has the name
            # is set aside, then looked at, and only then deleted or put back.
            aside = source.set_aside(name, self._log.aside(self._number))
            if _is_same(now, source.status(aside)) and guard.is_unused():
                source.unlink(aside)
                return None
            try:
                source.put_back(aside, name)
            except FileExistsError:
                self._journal.say(
                    "warn", f"{visible_name(name)} was replaced twice; one is called {visible_name(aside)} now."
                )
            return "busy"

    def _went(self, name: bytes, size: int) -> dict[str, Any]:
        before = self.deletion
        self.deletion = before._replace(
            files_deleted=before.files_deleted + 1, bytes_deleted=before.bytes_deleted + size
        )
        self._proof.take([Finding("deleted", name, size)])
        self._journal.say("delete", f"Deleted at the source: {visible_name(name)}")
        return named(name, size=size)

    def _stayed(self, name: bytes, size: int | None, reason: Reason) -> dict[str, Any]:
        self.kept[reason] += 1
        if reason != "gone":
            self.deletion = self.deletion._replace(files_kept=self.deletion.files_kept + 1)
            self._proof.take([Finding("kept", name, size)])
            self._journal.say("warn", f"Left at the source, {REASONS[reason]}: {visible_name(name)}")
        return named(name, size=size, reason=reason)


def _is_same(one: os.stat_result, other: os.stat_result) -> bool:
    """The same file, unwritten; a new name alone changes its ctime."""
    facts = [(found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns) for found in (one, other)]
    return facts[0] == facts[1]
