"""The table of docs/security.md, made from what the views declare; `python -m tests.security.matrix` writes it."""

import re
from pathlib import Path

from flask import Flask

from flask_app.roles import OPEN, declared_by
from tests.bench.server import ROOT

DOCUMENT = ROOT / "docs" / "security.md"
_BEGIN, _END = "<!-- from the declarations: begin -->\n", "<!-- end -->\n"
_LEVELS = {OPEN: "everybody", "viewer": "viewer", "operator": "operator", "administrator": "administrator"}


def matrix(app: Flask) -> list[tuple[str, str, str]]:
    """(address, method, what it takes) of every view and live event; "" for one that declares nothing."""
    found = []
    for rule in app.url_map.iter_rules():
        level = _LEVELS.get(declared_by(app.view_functions[rule.endpoint]), "")
        address = re.sub(r"<(?:[^:>]*:)?([^>]*)>", r"<\1>", rule.rule)
        found += [(address, method, level) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    live = app.extensions["live"]
    found += [("Socket.IO", event, _LEVELS.get(declared_by(view), "")) for event, view in live.events().items()]
    return sorted(found)


def table(app: Flask) -> str:
    lines = ["| address | method or event | takes |", "| --- | --- | --- |"]
    lines += [f"| `{address}` | {method} | {level} |" for address, method, level in matrix(app)]
    return "\n".join(lines) + "\n"


def documented(path: Path = DOCUMENT) -> str:
    return path.read_text().partition(_BEGIN)[2].partition(_END)[0]


def write(app: Flask, path: Path = DOCUMENT) -> None:
    head, _, rest = path.read_text().partition(_BEGIN)
    path.write_text(head + _BEGIN + table(app) + _END + rest.partition(_END)[2])


if __name__ == "__main__":
    import tempfile

    from flask_app import create_app
    from flask_app.config import read_environment
    from tests import fakes

    with tempfile.TemporaryDirectory() as folder:
        write(create_app(fakes.container(), read_environment({"BACKUP_MANAGER_DATA_DIR": folder})))
