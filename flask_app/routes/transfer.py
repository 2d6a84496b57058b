"""All jobs as YAML, and jobs taken in from such a file: parse, ask once, answer."""

from flask import Blueprint, Response, request

from flask_app.auditing import about, nothing_done
from flask_app.proposals import accepted, proposals
from flask_app.roles import ADMINISTRATOR, VIEWER, needs
from flask_app.routes.api import flag, ok
from flask_app.utils.container import services
from flask_app.utils.downloads import of_now, yaml_download
from models.errors import AppError

blueprint = Blueprint("transfer", __name__)
YAML = frozenset({"application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"})


class NotYaml(AppError):
    code = "unsupported_media_type"
    status = 415

    def __init__(self) -> None:
        super().__init__("This address takes YAML. Send it with Content-Type: application/yaml.")


@blueprint.get("/export")
@needs(VIEWER)
def export() -> Response:
    """No password, no state, no consent."""
    return yaml_download(of_now("backup-manager-jobs"), services().imports.text())


@blueprint.post("/import")
@needs(ADMINISTRATOR)
def take_in() -> Response:
    """All jobs of the file or none; with `dry_run=1` only what would come of it."""
    if request.mimetype not in YAML:
        raise NotYaml
    is_trial = flag("dry_run")
    imports = services().imports
    found = proposals(request.get_data(), imports, imports.breathe)
    if is_trial:
        nothing_done()
        ready = not any(proposal.fields for proposal in found)
        return ok({"ready": ready, "jobs": [proposal.answer() for proposal in found]})
    created = imports.create(accepted(found))
    for job in created:
        about(job)
    return ok({"jobs": [proposal.answer(job) for proposal, job in zip(found, created, strict=True)]}, 201)
