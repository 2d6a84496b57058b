"""The JSON API: parse, one call, answer; what bodies and answers look like stands in flask_app/schemas.py."""

from dataclasses import asdict
from typing import Any, TypeVar, cast, get_args

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import UnsupportedMediaType

from flask_app import schemas
from flask_app.finding_answers import finding_answer
from flask_app.utils.container import services
from flask_app.utils.fresh import fresh_view
from models.errors import InvalidInput
from models.findings import What
from storage.findings import read_findings

blueprint = Blueprint("api", __name__)
MOST_PER_PAGE = 500
Body = TypeVar("Body", bound=schemas.Strict)


def ok(answer: Any, status: int = 200, **more: Any) -> Response:
    response = jsonify({"status": "ok", "data": answer, **more})
    response.status_code = status
    return response


def body(shape: type[Body]) -> Body:
    """The request's body in that shape; no body at all counts as an empty one."""
    return schemas.parsed(shape, _json())


def _json() -> Any:
    if not request.get_data():
        return {}
    if request.mimetype in {"multipart/form-data", "text/plain"}:
        raise UnsupportedMediaType
    try:
        return request.get_json(force=True)
    except (UnicodeError, RecursionError) as error:
        raise InvalidInput({"body": "This must be JSON in UTF-8, not nested deeply."}) from error


def number(name: str, default: int, most: int) -> int:
    text = request.args.get(name, str(default))
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:12]) <= most):
        raise InvalidInput({name: f"This must be a whole number from 1 to {most}."})
    return int(text)


@blueprint.get("/jobs")
def list_jobs() -> Response:
    page, per_page = number("page", 1, 10**6), number("per_page", 50, MOST_PER_PAGE)
    search, state, engine, tag = (request.args.get(name, "") for name in ("search", "status", "type", "tag"))
    rows = services().queries.job_views(search, state, engine, per_page=10**9).rows
    matching = [view for view in rows if not tag or tag in view.job.settings.tags]
    shown = matching[(page - 1) * per_page : page * per_page]
    answers = [_job(view.job.id) for view in shown]
    return ok(answers, total=len(matching), page=page, per_page=per_page)


@blueprint.post("/jobs")
def create_job() -> Response:
    draft = body(schemas.JobBody).draft()
    return ok(_job(services().manager.create(draft).id), 201)


@blueprint.get("/jobs/<job_id>")
def show_job(job_id: str) -> Response:
    return ok(_job(job_id))


@blueprint.put("/jobs/<job_id>")
def replace_job(job_id: str) -> Response:
    services().jobs.get(job_id)
    services().manager.update(job_id, body(schemas.JobBody).draft())
    return ok(_job(job_id))


@blueprint.patch("/jobs/<job_id>")
def change_job(job_id: str) -> Response:
    job, changes = services().jobs.get(job_id), _json()
    if not isinstance(changes, dict):
        raise InvalidInput({"body": "This must be an object."})
    services().manager.update(job_id, schemas.JobBody.changed(job, changes).draft())
    return ok(_job(job_id))


@blueprint.delete("/jobs/<job_id>")
def delete_job(job_id: str) -> Response:
    services().manager.delete(job_id)
    return Response(status=204)


def _job(job_id: str) -> dict[str, Any]:
    return schemas.job_answer(fresh_view(job_id))


@blueprint.post("/jobs/<job_id>/start")
def start(job_id: str) -> Response:
    asked = body(schemas.StartBody)
    run = services().manager.start(job_id, trigger="api", accept_identity=asked.accept_identity)
    return ok(schemas.started_answer(run), 202)


@blueprint.post("/jobs/<job_id>/preview")
def preview(job_id: str) -> Response:
    body(schemas.Strict)
    return ok(schemas.started_answer(services().manager.preview(job_id, trigger="api")), 202)


@blueprint.post("/jobs/<job_id>/verify")
def verify(job_id: str) -> Response:
    body(schemas.Strict)
    return ok(schemas.started_answer(services().manager.verify(job_id, trigger="api")), 202)


@blueprint.post("/jobs/<job_id>/pause")
def pause(job_id: str) -> Response:
    return ok(schemas.started_answer(services().manager.pause(job_id)), 202)


@blueprint.post("/jobs/<job_id>/cancel")
def cancel(job_id: str) -> Response:
    return ok(schemas.started_answer(services().manager.cancel(job_id)), 202)


@blueprint.get("/jobs/<job_id>/runs")
def list_runs(job_id: str) -> Response:
    services().jobs.get(job_id)
    limit = number("limit", 50, MOST_PER_PAGE)
    runs = services().manager.runs(job_id, limit=limit, before=request.args.get("before", ""))
    return ok([schemas.run_answer(run) for run in runs])


@blueprint.get("/runs/<run_id>")
def show_run(run_id: str) -> Response:
    return ok(schemas.run_answer(services().manager.run(run_id)))


@blueprint.get("/runs/<run_id>/log")
def show_log(run_id: str) -> Response:
    """Plain text from byte `offset` on; X-Next-Offset says where to go on."""
    lines, after = services().manager.log_text(run_id, _offset())
    return Response(lines, mimetype="text/plain", headers={"X-Next-Offset": str(after)})


def _offset() -> int:
    text = request.args.get("offset", "0")
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise InvalidInput({"offset": "This must be a whole number from 0 on."})
    return int(text)


@blueprint.get("/runs/<run_id>/findings")
def show_findings(run_id: str) -> Response:
    """What the run found out about single files, from the `offset`th match on; `next_offset` is null at the end."""
    what, offset, limit = request.args.get("what", ""), _offset(), number("limit", 100, MOST_PER_PAGE)
    if what not in ("", *get_args(What)):
        raise InvalidInput({"what": f"This can be {', '.join(get_args(What))}."})
    run = services().manager.run(run_id)
    wanted = (cast("What", what),) if what else ()
    search = request.args.get("search", "")[:200]
    found = read_findings(services().folder, run.job_id, run.id, wanted, search, offset, limit)
    after = offset + len(found.rows)
    rows = [finding_answer(row) for row in found.rows]
    return ok(rows, total=found.total, offset=offset, next_offset=after if after < found.total else None)


@blueprint.get("/stats")
def stats() -> Response:
    return ok(schemas.stats_answer(services().queries.dashboard()))


@blueprint.get("/tools")
def tools() -> Response:
    return ok([schemas.tool_answer(state) for state in services().tools.all()])


@blueprint.get("/settings")
def settings() -> Response:
    return ok(asdict(services().settings.load()))
