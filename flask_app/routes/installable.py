"""What lets a browser install the pages as an app: manifest, service worker, offline page; nothing here knows a job."""

import json
from hashlib import sha256
from pathlib import Path

from flask import Blueprint, Response, current_app, render_template, url_for

from flask_app.roles import open_to_all

blueprint = Blueprint("installable", __name__)
_GROUND = "#f6f5f1"  # the canvas of the light theme; a manifest has no second one
# What the offline page is drawn with. Everything else a browser asks the server for.
_SHELL = ("css/output.css", "built/theme.js", "app/offline.js", "icon.svg", "icons.svg")


def _static(name: str) -> str:
    return url_for("static", filename=name)


def _icon(name: str, edge: int, purpose: str = "any") -> dict[str, str]:
    return {"src": _static(f"app/{name}.png"), "sizes": f"{edge}x{edge}", "type": "image/png", "purpose": purpose}


@blueprint.get("/manifest.webmanifest")
@open_to_all
def manifest() -> Response:
    described = {
        "id": "/",
        "name": "Backup Manager",
        "short_name": "Backups",
        "description": "Backups with rsync and rclone: what runs, what is protected, what needs attention.",
        "lang": "en-GB",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": _GROUND,
        "theme_color": _GROUND,
        "icons": [
            _icon("icon-192", 192),
            _icon("icon-512", 512),
            _icon("icon-maskable-512", 512, "maskable"),
        ],
        "shortcuts": [
            {"name": name, "url": path}
            for name, path in (("Jobs", "/jobs/"), ("New job", "/jobs/create"), ("Logs", "/logs/"))
        ],
    }
    return Response(json.dumps(described), mimetype="application/manifest+json")


@blueprint.get("/offline")
@open_to_all
def offline() -> str:
    """Shown from the browser's own store while the server does not answer, so it must not say anything of it."""
    return render_template("offline.html")


@blueprint.get("/sw.js")
@open_to_all
def service_worker() -> Response:
    """The service worker, led by the files that it keeps and a name that changes with them."""
    files = [_static(name) for name in _SHELL]
    source = (Path(str(current_app.static_folder)) / "app" / "sw.js").read_text()
    shell = sha256("".join([source, render_template("offline.html"), *files]).encode()).hexdigest()[:12]
    head = f"const SHELL = {json.dumps(shell)}, FILES = {json.dumps(files)};\n"
    return Response(head + source, mimetype="text/javascript")
