"""Puts what commands change into the audit log, as the operating system's user; what it is called is in `audited`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from core.audit import Subject
from core.audit_actions import Action
from flask_app.audited import ASKS, COMMANDS, OWN
from flask_app.auditing import command, noted, record
from models.audit import Outcome
from models.errors import AppError


@contextmanager
def audited_command() -> Iterator[None]:
    """Record what the command did or was refused, where it changes something."""
    try:
        yield
    except AppError as error:
        record_command("failed" if error.status >= 500 else "refused", error.code)
        raise
    except OSError:  # of the disk, perhaps after something was changed already
        record_command("failed")
        raise
    except SystemExit:
        record_command()
        raise
    record_command()


def record_command(outcome: Outcome = "done", code: str = "") -> None:
    """Once: at the end of the command, or before it goes on to wait."""
    word = noted().action or COMMANDS.get(command(), ASKS)
    if word not in (ASKS, OWN) and not noted().is_recorded and not (noted().is_question and outcome == "done"):
        record(cast("Action", word), list(_command_subjects()), outcome, code)


def _command_subjects() -> list[Subject]:
    """What was said of no job is about the only one there is."""
    told = dict(noted().subjects)
    loose = told.pop("", Subject())
    if not told:
        return [loose]
    return [one._replace(names=one.names + loose.names) for one in told.values()]
