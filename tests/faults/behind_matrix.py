"""The crawl: every address, method and live event as everybody, held against the matrix of docs/security.md."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import socketio
from flask import Flask

from tests.faults.behind_world import Answer, Caller, World
from tests.security.matrix import EVERYBODY, LIVE, Row, matrix
from tests.servers import DEADLINE

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
SAFE = ("GET", "HEAD", "OPTIONS")
UNKNOWN = {
    "job_id": "00000000-0000-4000-8000-000000000000",
    "run_id": "20261121T070204123Z-a1b2c3",
    "name": "no-such-name",
    "token_id": "000000000000",
    "login_id": "000000000000",
}
FILE = {"filename": "css/output.css"}
# What a stranger says of himself: before the server itself, where the first three alone would give him away; anywhere.
LIES = (
    {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "localhost", "X-Forwarded-Proto": "http"},
    {"X-Forwarded-For": "127.0.0.1, ::1"},
    {"Forwarded": "for=127.0.0.1;host=localhost;proto=http", "X-Real-IP": "127.0.0.1", "Via": "1.1 localhost"},
    {"X-Original-URL": "/healthz", "X-Rewrite-URL": "/healthz", "X-HTTP-Method-Override": "GET", "Remote-User": "ada",
     "X-Forwarded-User": "ada", "X-Remote-User": "ada", "Authorization": "Basic YWRhOmNvcnJlY3Q="},
)  # fmt: skip
# What was not to change while everybody tried what is not for them.
KEPT = ("jobs.yaml", "settings.yaml", "config.yaml", "secrets.yaml", "templates.yaml", "accounts.json")


def may(row: Row, caller: Caller) -> bool:
    return row.may(caller.role, caller.has_token)


def path_of(row: Row, values: dict[str, str]) -> str:
    return re.sub("<([^>]*)>", lambda found: (values | FILE)[found[1]], row.address)


@dataclass
class Tally:
    refused: int = 0
    allowed: int = 0
    faults: list[str] = field(default_factory=list)

    def judge(self, caller: Caller, row: Row, answer: Answer) -> None:
        """An answer that nobody gave, such as a 502 of nginx, proves nothing either way and is a fault."""
        was_refused, is_allowed = is_refusal(answer), may(row, caller)
        self.refused, self.allowed = self.refused + was_refused, self.allowed + (not was_refused)
        if was_refused == is_allowed or answer.status >= 500:
            told = f"{answer.status} {answer.location}".strip()
            self.faults.append(f"{caller}: {row.method} {row.address}, for {row.level or 'nobody'}: {told}")


def is_refusal(answer: Answer) -> bool:
    """A page leads a stranger to the form with the way back; whoever logs out is led there too, without."""
    led = answer.status == 303 and answer.location.startswith("/login?next=")
    return led or answer.status in {401, 403}


def rows_of(app: Flask) -> list[Row]:
    return [row for row in matrix(app) if row.address != LIVE]


def events_of(app: Flask) -> list[Row]:
    return [row for row in matrix(app) if row.address == LIVE]


def crawl(
    world: World, app: Flask, callers: Sequence[Caller], strangers: Sequence[Caller], methods: Sequence[str] = ()
) -> Tally:
    """First what each must not, on real things, none of which may change; then what each may; logging out last.

    `strangers` come in a way that no page comes in, so their changes are refused even where everybody may.
    `methods` are tried by nobody at every address, besides those it takes.
    """
    tally, rows = Tally(), rows_of(app)
    before = kept(world.server.data)
    for caller in [*callers, *strangers]:
        caller.intend()
        _ask(tally, caller, _forbidden(rows, caller, methods), real(world))
    if kept(world.server.data) != before:
        tally.faults.append("something was changed by those who may not")
    for caller in callers:
        allowed = [row for row in rows if may(row, caller) and row.address != "/logout"]
        _ask(tally, caller, [row for row in allowed if row.method in SAFE], real(world))
        _ask(tally, caller, [row for row in allowed if row.method not in SAFE], UNKNOWN)
        try_live(tally, caller, events_of(app))
    for caller in strangers:
        _ask(tally, caller, [row for row in rows if row.level == EVERYBODY and row.method in SAFE], real(world))
        try_live(tally, caller, events_of(app))
    for caller in callers:
        _ask(tally, caller, [row for row in rows if row.address == "/logout"], UNKNOWN)
    if not all(is_refusal(world.by_cookie(role).ask("GET", "/")) for role in world.cookies):
        tally.faults.append("a session is still good after logging out")
    return tally


def real(world: World) -> dict[str, str]:
    """Values of things that there are."""
    ids = {"job_id": world.things.jobs["done"], "run_id": world.things.runs["done"], "name": "vera"}
    ids["token_id"] = world.doors.tokens.of_account("ada")[0].id
    for login in world.doors.logins.of_account("ada"):
        ids["login_id"] = login.id
    return UNKNOWN | ids


def kept(data: Path) -> dict[str, bytes | None]:
    """What the jobs, runs, settings and accounts are."""
    files = {name: path.read_bytes() if (path := data / name).exists() else None for name in KEPT}
    return files | {str(path): None for path in (data / "runs").glob("*/*")}


def _forbidden(rows: list[Row], caller: Caller, methods: Sequence[str]) -> Iterator[Row]:
    yield from (row for row in rows if not may(row, caller))
    if caller.role is None:
        for address in sorted({row.address for row in rows} - {row.address for row in rows if row.level == EVERYBODY}):
            yield from (Row(address, method, "somebody", False) for method in methods)


def _ask(tally: Tally, caller: Caller, rows: Iterable[Row], values: dict[str, str]) -> None:
    for row in rows:
        is_call = row.address.startswith("/api/") and row.method not in SAFE
        tally.judge(caller, row, caller.ask(row.method, path_of(row, values), json={} if is_call else None))


def try_live(tally: Tally, caller: Caller, events: Sequence[Row]) -> None:
    """Both ways of the live connection, and each event on it."""
    for transport in ("polling", "websocket"):
        reached = set()
        try:
            with caller.live(transport) as client:
                reached.add("connect")
                for event in {row.method for row in events} - {"connect"}:
                    client.call(event, {"job_id": UNKNOWN["job_id"]}, timeout=DEADLINE)
                    reached.add(event)
        except (socketio.exceptions.ConnectionError, socketio.exceptions.TimeoutError):
            tally.refused += 1
        wanted = {row.method for row in events if may(row, caller)}
        tally.allowed += len(reached)
        if reached != wanted:
            tally.faults.append(f"{caller}: by {transport} {sorted(reached)} instead of {sorted(wanted)}")
