"""Where views and commands say what a change was about, and who asks; `audit_hook` and `commands` record it."""

import os
import pwd
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import cast

import click
from flask import g, has_request_context, request

from core.audit import NOTHING, Subject, Who
from core.audit_actions import Action
from flask_app.utils.container import services
from models.audit import Outcome
from models.job import Job, JobDraft
from models.request import RestoreWish
from models.run import Run


@dataclass
class Noted:
    """What is known of the request or command that is being answered. `job` is as it was before."""

    is_let_in: bool = False
    job: Job | None = None
    action: Action | None = None
    is_question: bool = False
    is_recorded: bool = False
    code: str = ""
    subjects: dict[str, Subject] = field(default_factory=dict)


def noted() -> Noted:
    if "noted" not in g:
        g.noted = Noted()
    return cast("Noted", g.noted)


def about(job: Job | None = None, run: Run | None = None, names: Iterable[str] = ()) -> None:
    """What the change is about: called for several jobs, each gets a record. Never pass the value of a setting."""
    job_id = job.id if job else run.job_id if run else ""
    known = noted().subjects.get(job_id, Subject())
    noted().subjects[job_id] = Subject(
        job_id,
        job.name if job else run.job_name if run else "",
        run.id if run else known.run_id,
        (*known.names, *names),
    )


def about_draft(draft: JobDraft) -> None:
    """The password is no part of a job, so that its change has to be told."""
    if draft.password is not None:
        about(names=["password"])


def about_run(job_id: str, run_id: str) -> None:
    """The same of a run of the job that the address names, where only its id is known."""
    noted().subjects[job_id] = Subject(job_id, run_id=run_id)


def about_restore(wish: RestoreWish, is_preview: bool) -> None:
    """Where to, and what happens to the files there; of a preview nothing does."""
    if is_preview:
        called("run.preview")
    where = f"to {wish.target}" if wish.target else "in place"
    about(names=[where, *(["overwrite"] if wish.overwrite else []), *(["merge"] if wish.merge else [])])


def called(action: Action) -> None:
    """What is done, where the address alone does not say it."""
    noted().action = action


def nothing_done() -> None:
    """Only a question was asked back, or something shown."""
    noted().is_question = True


def refused_as(code: str) -> None:
    """The word of a refusal, for scripts."""
    noted().code = code


def record(
    action: Action,
    about: Subject | Sequence[Subject] = NOTHING,
    outcome: Outcome = "done",
    code: str = "",
    whose: Who | None = None,
) -> None:
    """One record now, with who asks and from where; the answer to this request leaves no other."""
    noted().is_recorded = True
    services().audit.record(action, whose or who(), about, outcome, code, asked=asked())


def who() -> Who:
    """Whoever asks: the account that the guard found, or the operating system's user of a command."""
    if not has_request_context():
        return Who(_system_user(), via="command line")
    account, role = getattr(g, "account", None), str(getattr(g, "role", ""))
    via = str(getattr(g, "credential", "") or ("open" if role and account is None else ""))
    name, address = str(getattr(account, "name", "")), request.remote_addr or ""
    return Who(name, str(getattr(account, "role", role)), via, address)


def _system_user() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def asked() -> str:
    """The pattern of the address, which a stranger cannot make long; or the command."""
    if not has_request_context():
        return command()
    return f"{request.method} {request.url_rule.rule if request.url_rule else '(no such address)'}"


def command() -> str:
    """`jobs start`: the words that were typed after the program's own."""
    context, words = click.get_current_context(silent=True), list[str]()
    while context is not None and context.parent is not None:
        words.append(context.info_name or "")
        context = context.parent
    return " ".join(reversed(words))
