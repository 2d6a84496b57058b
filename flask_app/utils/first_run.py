"""What the page for the first job offers: folders, disks with their room, remotes, tools; it judges nothing."""

from core.views import DraftCheck
from flask_app.forms import JobForm
from flask_app.utils.container import services
from flask_app.utils.job_forms import form_values
from flask_app.utils.names import token_of

_MOST = 3


def first_run_values(form: JobForm, found: DraftCheck | None) -> dict[str, object]:
    places = services().places
    disks = [room for room in places.disks() if room.mount != "/"][:_MOST]
    return form_values(form, None, found) | {
        "folders": [(path, token_of(path.encode("utf-8", "surrogateescape"))) for path in places.homely()],
        "disks": [(room, token_of(room.mount.encode("utf-8", "surrogateescape"))) for room in disks],
        "remotes": [
            (remote, token_of(f"{remote.name}:".encode())) for remote in services().remote_places.all()[:_MOST]
        ],
        "unwritable": services().jobs.unwritable(),
        "brief": True,
    }
