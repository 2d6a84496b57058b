"""The audit log for administrators: a page by filters, for scripts, and as a file. It changes nothing."""

import json

from flask import Blueprint, Response, make_response, render_template, request, stream_with_context

from flask_app.roles import ADMINISTRATOR, needs
from flask_app.routes.api import number, ok
from flask_app.utils.audit_filters import CHOICES, LOOKS, read_audit_filters, wanted_by_script
from flask_app.utils.audit_words import said_of
from flask_app.utils.container import services
from flask_app.utils.downloads import CannotExport, attachment, in_pieces, of_now
from flask_app.utils.htmx_helpers import fragment, wants_fragment
from flask_app.utils.list_filters import ListFilters
from models.audit import audit_to_json
from storage.audit_reading import Wanted

blueprint = Blueprint("audit", __name__)
api = Blueprint("audit_api", __name__)
MOST = 500


@blueprint.get("/audit")
@needs(ADMINISTRATOR)
def index() -> Response:
    filters = read_audit_filters(request.args)
    values, status = _values(filters), 422 if filters.errors else 200
    if not wants_fragment():
        return make_response(render_template("audit.html", **values), status)
    answer = fragment("partials/audit_list.html", values, status)
    if request.headers.get("HX-Trigger") == "audit-filters":
        answer.headers["HX-Push-Url"] = filters.address()
    return answer


def _values(filters: ListFilters[Wanted]) -> dict[str, object]:
    audit, before = services().audit, request.args.get("before", "")[:60]
    page = audit.page(filters.wanted, before) if not filters.errors else None
    return {
        "filters": filters,
        "page": page,
        "rows": [said_of(record) for record in page.rows] if page else [],
        "before": before,
        "trouble": audit.trouble,
        "choices": CHOICES,
        "looks": LOOKS,
    }


@blueprint.get("/audit.jsonl")
@needs(ADMINISTRATOR)
def export() -> Response:
    """Exactly what the filters leave, newest first, sent while it is being read."""
    filters = read_audit_filters(request.args)
    if filters.errors:
        raise CannotExport(" ".join(filters.errors.values()))
    lines = (json.dumps(audit_to_json(record)) + "\n" for record in services().audit.each(filters.wanted))
    answer = Response(stream_with_context(in_pieces(lines)), mimetype="application/x-ndjson")
    return attachment(answer, of_now("audit"), "jsonl")


@api.get("/audit")
@needs(ADMINISTRATOR)
def list_records() -> Response:
    """`older` goes on where this answer ends; it is null at the end."""
    wanted, limit = wanted_by_script(request.args), number("limit", 50, MOST)
    page = services().audit.page(wanted, request.args.get("before", ""), limit)
    return ok([audit_to_json(record) for record in page.rows], older=page.older or None)
