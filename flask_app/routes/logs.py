"""The lines of all logs: pages, the live end and which jobs there are; nothing is kept here."""

from datetime import UTC, datetime
from zlib import crc32

from flask import Blueprint, Response, make_response, render_template, request

from core.log_reading import LogsUnreadable
from flask_app.roles import VIEWER, needs
from flask_app.utils.container import services
from flask_app.utils.htmx_helpers import asked_for, fragment, wants_fragment
from flask_app.utils.log_filters import DAYS, LEVELS, LogFilters, read_filters
from flask_app.utils.log_jobs import OFFERED, choice, matching, offered, resolve
from flask_app.utils.log_rows import by_day
from flask_app.utils.spans import recent_days
from models.errors import RunNotFound
from models.run import Run
from storage.log_line import at_text
from storage.log_search import LogPage, key_of
from storage.log_streams import Entry, Key

blueprint = Blueprint("logs", __name__)
RUNS_OFFERED = 50
SETTLED = 10_000  # ms: a supervisor writes what its tool said within a second or two
MOVED = 60_000  # ms after which the live end looks no more through lines that do not answer
FOLLOWED = 2000  # lines; a page that has grown to more begins anew


@blueprint.get("/")
@needs(VIEWER)
def index() -> Response:
    filters = asked_filters()
    if asked_for("logs-newer"):
        return _newer(filters)
    before, after = (key_of(request.args.get(name, "")) for name in ("before", "after"))
    page, problem = _page(filters, before, after)
    values = _values(filters, page) | {"problem": problem, "is_newest": not page.newer}
    status = 503 if problem else 422 if filters.errors else 200
    if not wants_fragment():
        return make_response(render_template("logs.html", **values), status)
    answer = fragment("partials/logs_list.html", values, status)
    if request.headers.get("HX-Trigger") == "log-filters":
        answer.headers["HX-Push-Url"] = filters.address()
    return answer


@blueprint.get("/jobs")
@needs(VIEWER)
def jobs() -> Response:
    """Names for what is being typed."""
    typed = request.args.get("job_id", "")[:200].strip()
    found = [offered(job) for job in matching(typed, OFFERED)]
    return fragment("partials/log_jobs.html", {"names": found})


def asked_filters() -> LogFilters:
    """The filters of the address. A run of another job than the chosen one is none."""
    job_id, sentence = resolve(request.args.get("job_id", ""))
    filters = read_filters(request.args, job_id, {"job": sentence} if sentence else {})
    if not filters.run:
        return filters
    try:
        run = services().manager.run(filters.run)
    except RunNotFound:
        if filters.job_id:
            return filters
        raise
    return filters.with_run(run.job_id if run.job_id == (job_id or run.job_id) else "")


def _page(filters: LogFilters, before: Key | None, after: Key | None) -> tuple[LogPage, str]:
    """The lines, or a sentence why there are none."""
    reading, place, question = services().log_reading, filters.place, filters.question
    if filters.errors:
        return LogPage(()), ""
    try:
        if after:
            page = reading.after(place, question, after)
            if page.newer:
                return page, ""
        return reading.before(place, question, None if after else before), ""
    except LogsUnreadable as error:
        return LogPage(()), error.message


def _values(filters: LogFilters, page: LogPage) -> dict[str, object]:
    settled, fresh, since = _parted(page.entries) if filters.follow and not page.newer else (page.entries, (), 0)
    days = by_day(settled)
    lines = page.lines
    return {
        "filters": filters,
        "page": page,
        "days": days,
        "lines": lines,
        "reached": at_text(page.reached) if page.reached else "",
        "job_count": len({line.job_id for line in lines}),
        "levels": LEVELS,
        "recent_days": recent_days(*DAYS),
        "choice": choice(filters.job_id),
        "runs": _runs(filters),
        "here": {name: request.args[name] for name in ("before", "after") if name in request.args},
    } | _fresh(filters, fresh, since, days[-1].name if days else "", len(settled))


def _runs(filters: LogFilters) -> tuple[Run, ...]:
    known = filters.job_id in services().jobs.snapshot().jobs
    return services().manager.runs(filters.job_id, limit=RUNS_OFFERED) if known else ()


def _parted(entries: tuple[Entry, ...]) -> tuple[tuple[Entry, ...], tuple[Entry, ...], int]:
    """What is old enough that nothing comes between it any more, the rest, shown anew each time, and when it begins.

    That is the same whether or not a line answered lately: what was looked through is not looked through again.
    """
    since = round(datetime.now(UTC).timestamp() * 1000) - SETTLED
    count = sum(entry.key.moment <= since for entry in entries)
    return entries[:count], entries[count:], since


def _fresh(filters: LogFilters, entries: tuple[Entry, ...], since: int, day: str, above: int) -> dict[str, object]:
    """What the live end needs: lines behind `since`, the day that stands above them, and how many lines do."""
    tag = f"{crc32(repr([entry.key for entry in entries]).encode()):x}"
    return {
        "fresh": by_day(entries, day),
        "fresh_address": filters.address(behind=str(since), day=day, above=str(above), revision=tag),
        "fresh_tag": tag,
        "line_count": above + len(entries),
    }


def _newer(filters: LogFilters) -> Response:
    """The lines behind a moment: those that are settled, and the new end; more than a page of them is a new page."""
    since, above = _number("behind"), _number("above")
    page = services().log_reading.after(filters.place, filters.question, Key(since, "\uffff", 0))
    settled, fresh, until = _parted(page.entries)
    above += len(settled)
    if page.newer or above > FOLLOWED:
        return _anew(filters)
    day = request.args.get("day", "")[:40]
    values = {"filters": filters, "days": by_day(settled, day)}
    shown = next((one.name for one in reversed(by_day(settled)) if one.name), day)
    values |= _fresh(filters, fresh, max(since, until), shown, above)
    if not settled and until - since < MOVED and values["fresh_tag"] == request.args.get("revision"):
        return Response(status=204)
    return fragment("partials/logs_newer.html", values)


def _number(name: str) -> int:
    told = request.args.get(name, "")
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 16 else 0


def _anew(filters: LogFilters) -> Response:
    page, problem = _page(filters, None, None)
    answer = fragment("partials/logs_list.html", _values(filters, page) | {"problem": problem, "is_newest": True})
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#logs-list", "morph:outerHTML"
    return answer
