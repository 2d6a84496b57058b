"""The live events as a stream for scripts: parse, follow, answer; how a stream works stands in `event_streams`."""

from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, current_app, g, request

from flask_app.live import LISTS, job_room
from flask_app.roles import VIEWER, needs
from flask_app.unread import cut_when_unread
from flask_app.utils.container import services
from models.errors import InvalidInput

if TYPE_CHECKING:
    from flask_app.socketio_handlers import Live

blueprint = Blueprint("events", __name__)
MOST_JOBS = 50


@blueprint.get("/events")
@needs(VIEWER)
def events() -> Response:
    """All jobs together; with `job_id`, once or more, the updates and log lines of those jobs instead."""
    live = cast("Live", current_app.extensions["live"])
    wanted = request.args.getlist("job_id")
    if len(wanted) > MOST_JOBS:
        raise InvalidInput({"job_id": f"One stream can follow {MOST_JOBS} jobs."})
    rooms = frozenset(job_room(services().jobs.get(job_id).id) for job_id in wanted) or frozenset({LISTS})
    updates = [("job_update", update) for job_id in wanted if (update := live.feed.last_update(job_id))]
    stream = live.follow(rooms, request.headers.get("Last-Event-ID"), updates, g.identity)
    cut_when_unread(request.environ)
    return Response(cast("list[bytes]", stream), mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})
