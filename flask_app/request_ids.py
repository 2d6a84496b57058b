"""Which request, job and run a line of the process log is about: bound for the thread that answers; it logs nothing."""

import re
from typing import TYPE_CHECKING

from flask import Flask, request
from structlog.contextvars import bind_contextvars, clear_contextvars

from utils.ids import is_job_id, is_run_id, new_request_id

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

HEADER = "X-Request-ID"
_WORD = re.compile(r"[0-9A-Za-z._-]{8,128}")
_CHECKED = {"job_id": is_job_id, "run_id": is_run_id}


def begin_request(environ: "WSGIEnvironment", behind_proxy: bool) -> str:
    """Bind the request's id: the one that a trusted proxy gave it, else one of our own."""
    told = environ.get("HTTP_X_REQUEST_ID", "") if behind_proxy else ""
    request_id = told if _WORD.fullmatch(told) else new_request_id()
    clear_contextvars()  # a thread answers many, one after the other
    bind_contextvars(request_id=request_id)
    return request_id


def name_what_is_asked_for(app: Flask) -> None:
    """Bind the job and the run of the address as well, if they are ids at all."""

    @app.before_request
    def bind() -> None:
        named = request.view_args or {}
        found = {name: named[name] for name, is_id in _CHECKED.items() if is_id(str(named.get(name, "")))}
        bind_contextvars(**found)
