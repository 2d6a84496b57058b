"""Gives a file its name back that a killed run had set aside in order to delete it; it deletes nothing."""

import os
from contextlib import suppress

from core.tree import Tree
from storage.data_folder import DataFolder
from storage.deletions_log import DeletionsLog
from utils.clock import Clock


def put_back(folder: DataFolder, job_id: str, run_id: str, clock: Clock) -> None:
    """At most one file can be affected. One whose name another file has by now keeps the one it was given."""
    log = DeletionsLog(folder, job_id, run_id, clock)
    with suppress(OSError, ValueError, KeyError):
        source, files = log.in_hand()
        if not files or not source.startswith("/"):
            return
        tree = Tree(source)
        try:
            for number, name in files:
                aside = os.path.join(os.path.dirname(name), log.aside(number))
                if tree.holds(aside):
                    tree.put_back(aside, name)
        finally:
            tree.close()
