"""The JSON API: parse, one call, answer; what bodies and answers look like stands in flask_app/schemas.py."""

from typing import Any, TypeVar, cast, get_args

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import UnsupportedMediaType

from core.start_once import FIELD
from flask_app import schemas
from flask_app.api_operations import FLAGS
from flask_app.auditing import about, about_draft, about_run, nothing_done
from flask_app.finding_answers import finding_answer
from flask_app.roles import ADMINISTRATOR, OPERATOR, VIEWER, needs
from flask_app.utils.container import services
from flask_app.utils.etags import expected, tagged
from flask_app.utils.fresh import fresh_view, fresh_views
from models.errors import InvalidInput
from models.findings import What
from models.job import Job, JobDraft
from models.run import Run
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
    asked = int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else 0
    if not 1 <= asked <= most:
        raise InvalidInput({name: f"This must be a whole number from 1 to {most}."})
    return asked


def start_body() -> schemas.StartBody:
    """What any start may say."""
    asked = body(schemas.StartBody)
    about(names=["accept_identity"] if asked.accept_identity else [])
    return asked


def started(run: Run) -> Response:
    """The answer about a run that was begun, or told something."""
    about(run=run)
    return ok(schemas.started_answer(run), 202)


def flag(name: str) -> bool:
    text = request.args.get(name, "0")
    if text not in FLAGS:
        raise InvalidInput({name: "This can be 1 or 0."})
    return text in {"1", "true"}


@blueprint.get("/jobs")
@needs(VIEWER)
def list_jobs() -> Response:
    page, per_page = number("page", 1, 10**6), number("per_page", 50, MOST_PER_PAGE)
    search, state, engine, tag = (request.args.get(name, "") for name in ("search", "status", "type", "tag"))
    found = services().queries.job_views(search, state, engine, tag=tag, page=page, per_page=per_page)
    shown = found.rows if page <= found.pages else ()
    answers = [schemas.job_answer(view) for view in fresh_views(view.job.id for view in shown)]
    return ok(answers, total=found.total, page=page, per_page=per_page)


@blueprint.post("/jobs")
@needs(ADMINISTRATOR)
def create_job() -> Response:
    job = services().manager.create(body(schemas.JobBody).draft())
    about(job)
    return _shown(job.id, 201)


@blueprint.get("/jobs/<job_id>")
@needs(VIEWER)
def show_job(job_id: str) -> Response:
    return _shown(job_id)


def _shown(job_id: str, status: int = 200) -> Response:
    """The job with the tag of its definition."""
    view = fresh_view(job_id)
    return tagged(ok(schemas.job_answer(view), status), view.job)


@blueprint.put("/jobs/<job_id>")
@needs(ADMINISTRATOR)
def replace_job(job_id: str) -> Response:
    present = expected(services().jobs.get(job_id))
    _update(job_id, body(schemas.JobBody).draft(), present)
    return _shown(job_id)


@blueprint.patch("/jobs/<job_id>")
@needs(ADMINISTRATOR)
def change_job(job_id: str) -> Response:
    job, changes = services().jobs.get(job_id), _json()
    present = expected(job)
    if not isinstance(changes, dict):
        raise InvalidInput({"body": "This must be an object."})
    _update(job_id, schemas.JobBody.changed(job, changes).draft(), present)
    return _shown(job_id)


def _update(job_id: str, draft: JobDraft, present: Job | None) -> None:
    services().manager.update(job_id, draft, present)
    about_draft(draft)


@blueprint.delete("/jobs/<job_id>")
@needs(ADMINISTRATOR)
def delete_job(job_id: str) -> Response:
    services().manager.delete(job_id, expected(services().jobs.get(job_id)))
    return Response(status=204)


def _job(job_id: str) -> dict[str, Any]:
    return schemas.job_answer(fresh_view(job_id))


@blueprint.post("/jobs/<job_id>/start")
@needs(OPERATOR)
def start(job_id: str) -> Response:
    """With `Idempotency-Key` a second request for the same is answered like the first one."""
    asked, key = start_body(), request.headers.get(FIELD)
    if key is None:
        return started(services().manager.start(job_id, trigger="api", accept_identity=asked.accept_identity))
    begun = services().start_once.start(job_id, key, "api", asked.accept_identity)
    about_run(job_id, begun.run_id)
    answer = ok({"run_id": begun.run_id, "job_id": begun.job_id, "state": begun.state.value}, 202)
    if begun.is_repeated:
        nothing_done()
        answer.headers["Idempotency-Replayed"] = "true"
    return answer


@blueprint.post("/jobs/<job_id>/preview")
@needs(OPERATOR)
def preview(job_id: str) -> Response:
    body(schemas.Strict)
    return started(services().manager.preview(job_id, trigger="api"))


@blueprint.post("/jobs/<job_id>/verify")
@needs(OPERATOR)
def verify(job_id: str) -> Response:
    body(schemas.Strict)
    return started(services().manager.verify(job_id, trigger="api"))


@blueprint.post("/jobs/<job_id>/pause")
@needs(OPERATOR)
def pause(job_id: str) -> Response:
    return started(services().manager.pause(job_id))


@blueprint.post("/jobs/<job_id>/cancel")
@needs(OPERATOR)
def cancel(job_id: str) -> Response:
    return started(services().manager.cancel(job_id))


@blueprint.get("/jobs/<job_id>/runs")
@needs(VIEWER)
def list_runs(job_id: str) -> Response:
    services().jobs.get(job_id)
    limit = number("limit", 50, MOST_PER_PAGE)
    runs = services().manager.runs(job_id, limit=limit, before=request.args.get("before", ""))
    return ok([schemas.run_answer(run) for run in runs])


@blueprint.get("/runs/<run_id>")
@needs(VIEWER)
def show_run(run_id: str) -> Response:
    return ok(schemas.run_answer(services().manager.run(run_id)))


@blueprint.get("/runs/<run_id>/log")
@needs(VIEWER)
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
@needs(VIEWER)
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
@needs(VIEWER)
def stats() -> Response:
    return ok(schemas.stats_answer(services().queries.dashboard()))


@blueprint.get("/tools")
@needs(VIEWER)
def tools() -> Response:
    return ok([schemas.tool_answer(state) for state in services().tools.all()])
