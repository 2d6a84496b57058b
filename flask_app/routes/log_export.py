"""The lines that the filters leave, as a file: all of them, streamed, never held in memory; not a page of them."""

import json
from collections.abc import Callable
from functools import cache, lru_cache

from flask import Blueprint, Response, request, stream_with_context

from flask_app.roles import VIEWER, needs
from flask_app.routes.logs import asked_filters
from flask_app.utils.container import services
from flask_app.utils.downloads import CannotExport, attachment, in_pieces, of_now
from flask_app.utils.log_filters import exact
from flask_app.utils.log_jobs import name_of
from storage.log_rows import Row

blueprint = Blueprint("log_export", __name__)
FORMATS = {"txt": "text/plain", "jsonl": "application/x-ndjson"}


@blueprint.get("/export")
@needs(VIEWER)
def export() -> Response:
    """Oldest line first. `format` is txt or jsonl; the filters are those of the page."""
    kind, filters = request.args.get("format", "txt"), asked_filters()
    if kind not in FORMATS:
        raise CannotExport("Logs are exported as txt or as jsonl.")
    if filters.errors:
        raise CannotExport(" ".join(filters.errors.values()))
    pieces = services().log_reading.all(filters.place, filters.question)
    written = map(_text() if kind == "txt" else _json(filters.run), pieces)
    answer = Response(stream_with_context(in_pieces(written)), mimetype=FORMATS[kind])
    return attachment(answer, of_now("logs"), kind)


def _text() -> Callable[[list[Row]], str]:
    """`2026-11-21T07:02:04+01:00 warn "Photos": text`; a line is one line, so nothing in it can look like another."""
    name = cache(lambda job_id: json.dumps(name_of(job_id), ensure_ascii=False))
    shown = lru_cache(maxsize=4096)(lambda at: exact(at) or "-")

    def write(rows: list[Row]) -> str:
        return "".join([f"{shown(at)} {level} {name(job_id)}: {text}\n" for _, at, level, text, job_id in rows])

    return write


def _json(run_id: str) -> Callable[[list[Row]], str]:
    """Every value is written as JSON on its own, as a dictionary made for each line takes as long as all the rest."""
    of_run = f', "run_id": {json.dumps(run_id)}' if run_id else ""
    said = json.dumps
    job = cache(lambda job_id: f'"job_id": {said(job_id)}, "job": {said(name_of(job_id))}{of_run}')

    def write(rows: list[Row]) -> str:
        return "".join(
            [
                f'{{"at": "{at}", "level": "{level}", {job(job_id)}, "text": {said(text)}}}\n'
                for _, at, level, text, job_id in rows
            ]
        )

    return write
