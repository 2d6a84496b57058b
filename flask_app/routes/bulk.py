"""One action on many jobs of the list: the questions before, one call, what came of it. It decides nothing."""

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from core.audit import Subject
from core.audit_actions import Action
from core.bulk import BulkResult, chosen
from flask_app.auditing import record
from flask_app.roles import ADMINISTRATOR, OPERATOR, needs, require
from flask_app.utils.bulk_words import BULK_NEEDS, refusals, told
from flask_app.utils.container import services
from flask_app.utils.htmx_helpers import done, wants_fragment
from flask_app.utils.job_lists import back_to_list
from flask_app.utils.questions import question
from models.errors import AppError, InvalidInput
from models.job import Job

blueprint = Blueprint("bulk", __name__)
_NAMED = 12
_CALLED: dict[str, Action] = {
    "start": "run.start",
    "pause": "run.pause",
    "delete": "job.delete",
    "enable": "job.enable",
    "disable": "job.disable",
    "add_tag": "job.tag",
    "remove_tag": "job.tag",
}


class AllRefused(AppError):
    """Nothing was done for any of the jobs."""

    code = "all_refused"


@blueprint.post("/bulk")
@needs(OPERATOR)
def act() -> AnyResponse:
    """`action` on every `job_id`; a deletion and a tag are asked about first."""
    action, tag = request.form.get("action", ""), request.form.get("tag", "")
    if not action:  # Enter was pressed on a box
        return Response(status=204) if wants_fragment() else redirect(_back(), 303)
    if action == "all":
        return redirect(back_to_list(request.form.get("back", ""), select="all"), 303)
    require(BULK_NEEDS.get(action, ADMINISTRATOR))
    job_ids = chosen(request.form.getlist("job_id"))
    if action == "delete" and request.form.get("confirmed") != "1":
        return _ask_to_delete(job_ids)
    if action == "tag":
        return _ask_for_tag(job_ids)
    try:
        result = _done(action, job_ids, tag)
    except InvalidInput as error:
        if "tag" not in error.fields:
            raise
        return _ask_for_tag(job_ids, tag, error.message)
    if not result.done:
        raise AllRefused(refusals(result.refused))
    answer = done(told(action, result), _back())
    if wants_fragment():
        answer.headers["HX-Trigger"] = "jobs:changed, jobs:picked"
    return answer


def _done(action: str, job_ids: tuple[str, ...], tag: str) -> BulkResult:
    """With a record for each of the jobs."""
    jobs, names = services().jobs.snapshot().jobs, [tag] if tag else []
    told: dict[bool, list[Subject]] = {True: [], False: []}

    def tell(job_id: str, is_done: bool) -> None:
        told[is_done].append(Subject(job_id, jobs[job_id].name if job_id in jobs else "", names=tuple(names)))

    try:
        return services().bulk.do(action, job_ids, tag, tell)
    finally:
        if told[True]:
            record(_CALLED[action], told[True])
        if told[False]:
            record(_CALLED[action], told[False], "refused", "refused")


def _back() -> str:
    return back_to_list(request.form.get("back", ""))


def _ask_to_delete(job_ids: tuple[str, ...]) -> Response:
    jobs = _known(job_ids)
    busy = {run.job_id for run in services().watcher.active()}
    idle = [job for job in jobs if job.id not in busy]
    running = [job for job in jobs if job.id in busy]
    return _question("partials/confirm_bulk_delete.html", jobs=idle, running=running, named=_NAMED)


def _ask_for_tag(job_ids: tuple[str, ...], tag: str = "", error: str = "") -> Response:
    """Which tag, to be put on or taken off; with the sentence where the one typed will not do."""
    jobs = _known(job_ids)
    present = sorted({tag for job in jobs for tag in job.settings.tags})
    status = 422 if error else 200
    return _question("partials/bulk_tag.html", status, jobs=jobs, tag=tag, error=error, present=present)


def _known(job_ids: tuple[str, ...]) -> list[Job]:
    """Those of the jobs that there are; one may have been deleted meanwhile."""
    jobs = services().jobs.snapshot().jobs
    found = [jobs[job_id] for job_id in job_ids if job_id in jobs]
    if not found:
        raise AllRefused("None of these jobs is there any more.")
    return found


def _question(template: str, status: int = 200, **values: object) -> Response:
    return question(template, status, back=request.form.get("back", ""), parent=_back(), **values)
