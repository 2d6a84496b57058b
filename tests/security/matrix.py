"""The table of docs/security.md, made from what the views declare; `python -m tests.security.matrix` writes it."""

import re
from pathlib import Path
from typing import NamedTuple

from flask import Flask

from flask_app.roles import OPEN, declared_by, is_for_tokens
from models.role import Role
from tests.bench.server import ROOT

DOCUMENT = ROOT / "docs" / "security.md"
_BEGIN, _END = "<!-- from the declarations: begin -->\n", "<!-- end -->\n"
EVERYBODY = "everybody"
LIVE = "Socket.IO"


class Row(NamedTuple):
    """`level`: the least role, `EVERYBODY`, or "" for what declares nothing. `by_token`: with a token, too."""

    address: str
    method: str
    level: str
    by_token: bool

    def may(self, role: Role | None, has_token: bool) -> bool:
        """`role` is None for a stranger."""
        is_enough = role is not None and self.level in list(Role) and role.may(Role(self.level))
        return self.level == EVERYBODY or (is_enough and (self.by_token or not has_token))

    @property
    def takes(self) -> str:
        return self.level if self.by_token else f"{self.level}, no token"


def matrix(app: Flask) -> list[Row]:
    """A row for each view and method, and for each live event with `Socket.IO` as its address."""
    found = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        address = re.sub(r"<(?:[^:>]*:)?([^>]*)>", r"<\1>", rule.rule)
        found += [_row(address, method, view) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    return sorted(found + [_row(LIVE, event, view) for event, view in app.extensions["live"].events().items()])


def _row(address: str, method: str, view: object) -> Row:
    declared = declared_by(view)
    return Row(address, method, EVERYBODY if declared == OPEN else declared, is_for_tokens(view))


def table(app: Flask) -> str:
    lines = ["| address | method or event | takes |", "| --- | --- | --- |"]
    lines += [f"| `{row.address}` | {row.method} | {row.takes} |" for row in matrix(app)]
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
