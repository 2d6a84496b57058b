"""Puts every change that is asked for into the audit log once it is answered; what it is called stands in `audited`."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import NamedTuple, cast

from flask import Flask, Response, request

from core.audit import Subject
from core.audit_actions import Action
from flask_app.audited import ASKS, ENDPOINTS, NAMED_IN_FORM, OWN, Word
from flask_app.auditing import asked, noted, who
from flask_app.utils.container import services
from models.audit import Outcome

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FIELDS = ("name", "source", "dest", "type")
_KEPT_OUT = frozenset({401, 403, 429})


class Judged(NamedTuple):
    action: Action
    outcome: Outcome


def audit_changes(app: Flask) -> None:
    """To be called after the guard is set up: what runs after it was let in."""

    @app.before_request
    def remember() -> None:
        noted().is_let_in = True
        job_id = (request.view_args or {}).get("job_id")
        if job_id and request.method not in SAFE_METHODS:
            noted().job = services().jobs.snapshot().jobs.get(job_id)

    @app.after_request
    def write(answer: Response) -> Response:
        judged = None if noted().is_recorded else _judged(answer.status_code)
        if judged:
            code = _code(answer.status_code) if judged.outcome != "done" else ""
            subjects = _subjects(judged)
            services().audit.record(
                judged.action, who(), subjects, judged.outcome, code, answer.status_code, asked=asked()
            )
        return answer


def _judged(status: int) -> Judged | None:
    """What was done or refused; None for what is not recorded."""
    known, word = noted(), _word()
    action: Action = "access.refused" if word in (ASKS, OWN) else cast("Action", word)
    is_change = request.method not in SAFE_METHODS
    if status in _KEPT_OUT or (is_change and not known.is_let_in and 300 <= status < 400):
        return Judged(action, "refused")
    if not is_change or not known.is_let_in or word in (ASKS, OWN):
        return None
    if status < 400:
        return None if known.is_question else Judged(action, "done")
    return Judged(action, "failed" if status >= 500 else "refused")


def _word() -> Word:
    is_change = request.method not in SAFE_METHODS
    return noted().action or (ENDPOINTS.get(request.endpoint or "", ASKS) if is_change else ASKS)


def _code(status: int) -> str:
    known = noted()
    if 300 <= status < 400:
        return "account_required"
    return known.code or ("asked_back" if known.is_question else HTTPStatus(status).phrase.lower().replace(" ", "_"))


def _subjects(judged: Judged) -> list[Subject]:
    """Those that the view named; else the job, run or name that the address holds: of strangers a job that there is."""
    known, given = noted(), {name: str(value) for name, value in (request.view_args or {}).items()}
    if not known.is_let_in:
        name = _present_name(given.get("job_id", ""))
        return [Subject(given["job_id"], name)] if name else [Subject()]
    told = dict(known.subjects)
    loose = told.pop("", Subject()).names + _names(given, judged)
    if told and "job_id" not in given:
        return list(told.values())
    job_id = given.get("job_id", "")
    run = next((one.run_id for one in told.values() if one.run_id), given.get("run_id", ""))
    others = tuple(name for one in told.values() if one.job_id != job_id for name in (one.job_name, one.job_id))
    return [Subject(job_id, known.job.name if known.job else _present_name(job_id), run, loose + others)]


def _names(given: dict[str, str], judged: Judged) -> tuple[str, ...]:
    names = [given["name"]] if "name" in given else []
    if noted().is_let_in and request.endpoint in NAMED_IN_FORM:
        names.append(request.form.get("name", ""))
    return (*filter(None, names), *(_changed() if judged == ("job.change", "done") else ()))


def _present_name(job_id: str) -> str:
    job = services().jobs.snapshot().jobs.get(job_id) if job_id else None
    return job.name if job else ""


def _changed() -> Iterator[str]:
    """Which fields of the job are not what they were."""
    before = noted().job
    after = services().jobs.snapshot().jobs.get(before.id) if before else None
    if before and after:
        yield from (name for name in _FIELDS if getattr(before, name) != getattr(after, name))
        pairs = zip(before.settings._fields, before.settings, after.settings, strict=True)
        yield from (f"settings.{name}" for name, old, new in pairs if old != new)
