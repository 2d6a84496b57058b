"""Preview and verification of a job, and what a run found out about single files; a run's own page is in `runs`."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from os import fsencode
from typing import cast
from urllib.parse import parse_qsl, quote, urlencode

from flask import Blueprint, Response, render_template, request, stream_with_context
from werkzeug.wrappers import Response as AnyResponse

from flask_app.roles import OPERATOR, VIEWER, needs
from flask_app.routes.jobs import begun
from flask_app.routes.runs import run_of
from flask_app.utils.container import services
from flask_app.utils.downloads import attachment, in_pieces
from flask_app.utils.htmx_helpers import fragment, wants_fragment
from flask_app.utils.proofs import WHATS, whats_of
from models.errors import IdentityChanged
from models.findings import What
from models.run import Run
from storage.findings import each_finding, read_findings
from utils.text import exact_name

blueprint = Blueprint("proofs", __name__)
ROWS = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a run's findings is asked for; `folder` is None for all of them, else one folder's path in bytes."""

    what: str
    search: str
    folder: bytes | None
    page: int

    @property
    def whats(self) -> tuple[What, ...]:
        return (cast("What", self.what),) if self.what else ()

    def address(self, page: int = 1, what: str | None = None) -> str:
        """The query of this with another page or another kind."""
        pairs: dict[str, str | bytes] = {"what": self.what if what is None else what, "q": self.search}
        if self.folder is not None:
            pairs["folder"] = self.folder
        if page > 1:
            pairs["page"] = str(page)
        return urlencode({name: value for name, value in pairs.items() if value or name == "folder"}, quote_via=quote)


@blueprint.post("/<job_id>/preview")
@needs(OPERATOR)
def preview(job_id: str) -> AnyResponse:
    return _begun(job_id, services().manager.preview)


@blueprint.post("/<job_id>/verify")
@needs(OPERATOR)
def verify(job_id: str) -> AnyResponse:
    return _begun(job_id, services().manager.verify)


def _begun(job_id: str, begin: Callable[[str], Run]) -> Response:
    """What only looks takes no word for another disk; a start does."""
    try:
        return begun(job_id, partial(begin, job_id))
    except IdentityChanged as error:
        raise IdentityChanged(f"{error.message} A start of the job asks about that.") from error


@blueprint.get("/<job_id>/runs/<run_id>/findings")
@needs(VIEWER)
def findings(job_id: str, run_id: str) -> str | Response:
    run, asked = run_of(job_id, run_id), _asked()
    kinds = whats_of(run)
    if kinds == ("verified",):  # a list of its own, so that "all" leaves it out
        asked = replace(asked, what="verified")
    found = read_findings(
        services().folder, job_id, run.id, asked.whats, asked.search, (asked.page - 1) * ROWS, ROWS, asked.folder
    )
    values = {
        "run": run,
        "view": services().queries.job_view(job_id),
        "asked": asked,
        "found": found,
        "pages": max(1, -(-found.total // ROWS)),
        "kinds": kinds,
    }
    return (
        fragment("partials/findings_list.html", values)
        if wants_fragment()
        else render_template("findings.html", **values)
    )


@blueprint.get("/<job_id>/runs/<run_id>/findings.txt")
@needs(VIEWER)
def download(job_id: str, run_id: str) -> Response:
    """All that matches, one file a line: what, size, name, with tabs between; names as `exact_name` writes them."""
    run, asked = run_of(job_id, run_id), _asked()
    found = each_finding(services().folder, job_id, run.id, asked.whats, asked.search, asked.folder)
    lines = (f"{item.what}\t{'' if item.size is None else item.size}\t{exact_name(item.name)}\n" for item in found)
    answer = Response(stream_with_context(in_pieces(lines)), mimetype="text/plain")
    return attachment(answer, f"{run.id}-{asked.what}", "txt")


def _asked() -> Asked:
    """Read from the raw query, as a folder's name may be no UTF-8."""
    text = request.query_string.decode("ascii", "replace")
    sent = dict(parse_qsl(text, keep_blank_values=True, errors="surrogateescape"))
    what, page = sent.get("what", ""), sent.get("page", "")
    return Asked(
        what if what in WHATS else "",
        request.args.get("q", "")[:200],
        fsencode(sent["folder"]) if "folder" in sent else None,
        int(page[:6]) if page.isascii() and page.isdigit() and int(page[:6]) else 1,
    )
