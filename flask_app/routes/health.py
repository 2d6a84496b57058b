"""Whether this process answers and whether it can do its work, for watchdogs; nothing for people."""

import os
from pathlib import Path

from flask import Blueprint, Response, current_app, jsonify

from flask_app.roles import VIEWER, needs, open_to_all
from flask_app.utils.container import services

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@open_to_all
def healthz() -> Response:
    return jsonify(status="ok")


@blueprint.get("/readyz")
@needs(VIEWER)
def readyz() -> tuple[Response, int]:
    """200 where backups can be made, else 503 with what is in the way."""
    reasons = problems()
    answer = jsonify(status="error" if reasons else "ok", reasons=reasons)
    return answer, 503 if reasons else 200


def problems() -> list[str]:
    """What keeps this server from making backups, in sentences."""
    found = [services().jobs.unwritable() or _unusable(current_app.config["SERVER"].data_dir)]
    tools = services().tools.all()
    if not any(state.tool for state in tools):
        found += [state.sentence for state in tools]
    return [sentence for sentence in found if sentence]


def _unusable(folder: Path) -> str:
    """A sentence about what another user wrote there; "" where there is no such thing."""
    for path in folder.iterdir():
        takes = os.R_OK | os.W_OK | os.X_OK if path.is_dir() else os.R_OK
        if not os.access(path, takes) and os.path.lexists(path):  # a temporary file may be gone by now
            return f"{path} cannot be used by this server. The command “doctor” looks for the cause."
    return ""
