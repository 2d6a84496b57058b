"""What requests try: their size and number, their cookies, places to be sent to. Each attack says what it gained."""

import json
import pickle
import struct
from collections.abc import Iterator
from typing import Any

import requests

from flask_app.roles import VIEWER, needs
from tests.security.attacks_by_paths import every_address, form
from tests.security.attacks_by_strangers import HANDSHAKE
from tests.security.site import EVIL, Site
from tests.servers import DEADLINE

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "",
}
LARGE = 2_000_000


def an_answer_without_its_headers(site: Site) -> str:
    """Pages, files, errors of every kind, refusals, the API and the live connection."""
    asked = [
        *every_address(site),
        ("GET", "/nowhere"),
        ("PUT", "/jobs/"),
        ("GET", HANDSHAKE),
        ("GET", "/socket.io/?EIO=3"),
    ]
    asked += [("GET", "/api/v1/nowhere"), ("DELETE", "/healthz"), ("OPTIONS", "/jobs/"), ("HEAD", "/"), ("BREW", "/")]
    for method, path in asked:
        for more in ({}, {"Host": EVIL}):
            if path != "/api/v1/events" and (gained := _lacking(site, method, path, more)):
                return gained
    with site.without(_broken):
        return _lacking(site, "GET", "/jobs/", {})


def _lacking(site: Site, method: str, path: str, more: dict[str, str]) -> str:
    with requests.request(
        method, f"{site.address}{path}", headers=more, timeout=DEADLINE, stream=True, allow_redirects=False
    ) as answer:
        for name, begins in HEADERS.items():
            if not answer.headers.get(name, "none").startswith(begins or "") or name not in answer.headers:
                return f"{method} {path} ({answer.status_code}) lacks {name}"
    return ""


def _broken(patch: object, site: Site) -> None:
    """A defect in a view: its answer is 500."""
    view: Any = site.app.view_functions["jobs.index"]

    @needs(VIEWER)
    def fails() -> str:
        raise RuntimeError("a defect")

    site.app.view_functions["jobs.index"] = fails
    site.undo.append(lambda: site.app.view_functions.__setitem__("jobs.index", view))


def _in_pieces(size: int) -> Iterator[bytes]:
    """A body whose length nobody is told."""
    for _ in range(size // 10_000):
        yield b"x" * 10_000


def a_body_is_larger_than_anybody_needs(site: Site) -> str:
    for method, path in (("POST", "/api/v1/jobs"), ("PUT", "/api/v1/settings"), ("POST", "/jobs/create")):
        for body in (b"x" * LARGE, _in_pieces(LARGE), json.dumps({"name": "x" * LARGE}).encode()):
            status = _status(site, method, path, body)
            if status != 413:
                return f"{method} {path}: {status}"
    return ""


def _status(site: Site, method: str, path: str, body: bytes | Iterator[bytes]) -> int:
    """413 too where the server hangs up on the rest, which some clients notice first."""
    try:
        headers = {"Content-Type": "application/json"}
        return site.ask(method, path, data=body, headers=headers).status_code
    except requests.ConnectionError:
        return 413


def a_form_has_thousands_of_parts(site: Site) -> str:
    parts = {f"field{number}": (None, "x") for number in range(5000)}
    answer = site.ask("POST", "/jobs/create", files=parts, headers={"Origin": site.address})
    return "" if answer.status_code == 413 else f"{answer.status_code}"


def a_form_has_thousands_of_fields(site: Site) -> str:
    """A megabyte of them is parsed for a second before anybody looks at one."""
    headers = {"Origin": site.address, "Content-Type": "application/x-www-form-urlencoded"}
    answer = site.ask("POST", "/jobs/create", data="a&" * 450_000, headers=headers)
    return "" if answer.status_code == 413 else f"{answer.status_code}"


def a_frame_is_larger_than_anybody_needs(site: Site) -> str:
    """By polling, where a frame is a body."""
    with requests.Session() as own:
        opened = own.get(f"{site.address}{HANDSHAKE}", timeout=DEADLINE).text
        sid = json.loads(opened[1:])["sid"]
        address = f"{site.address}{HANDSHAKE}&sid={sid}"
        own.post(address, data="40", timeout=DEADLINE)
        frame = '42["subscribe_to_job",{"job_id":"' + "x" * 100_000 + '"}]'
        answer = own.post(address, data=frame, timeout=DEADLINE)
    return "" if answer.status_code >= 400 else "it was taken"


def a_body_is_nested_without_end(site: Site) -> str:
    for text in (
        "[" * 400_000,
        '{"a":' * 100_000,
        "9" * 400_000,
        '{"name":' + "9" * 5000 + "}",
        '"\\ud800"',
        "NaN",
        "\ufeff{}",
    ):
        answer = site.ask("POST", "/api/v1/jobs", data=text.encode(), headers={"Content-Type": "application/json"})
        if answer.status_code not in (400, 413, 422):
            return f"{answer.status_code} for {text[:20]}…"
    return ""


def an_answer_sends_the_browser_elsewhere(site: Site) -> str:
    """Whatever a form or an address says about where to go next."""
    job_id = site.job()
    names = ("next", "back", "url", "return", "return_to", "redirect", "parent", "target")
    aims = (
        f"//{EVIL}",
        f"https://{EVIL}/",
        f"/\\{EVIL}",
        f"\\/{EVIL}",
        f"/%09/{EVIL}",
        f"x@{EVIL}",
        f"search=x&back=//{EVIL}",
    )
    for path in (
        "/jobs/bulk",
        f"/jobs/{job_id}/disable",
        f"/jobs/{job_id}/enable",
        "/settings/save",
        "/dismiss-recovery",
    ):
        for aim in aims:
            fields = {**dict.fromkeys(names, aim), "action": "all"}
            answer = form(site, f"{path}?next={aim}", **fields)
            place = answer.headers.get("Location", answer.headers.get("HX-Redirect", "/"))
            if not place.startswith("/") or place.startswith(("//", "/\\")):
                return f"{path} leads to {place}"
    return ""


def a_session_of_the_attackers_choice(site: Site) -> str:
    """Fixation: the owner is given a cookie whose value somebody else knows."""
    for value in ("chosen", "chosen.", "chosen.signature", "é"):
        cookie = {"Cookie": f"backup_manager={value}"}
        with requests.get(f"{site.address}/logs/", headers=cookie, timeout=DEADLINE) as answer:
            if "backup_manager" not in answer.cookies:
                return f"{value} was taken for a session"
    return ""


class _Touches:
    """What a pickle may ask for when it is read."""

    def __init__(self, path: str) -> None:
        self._path = path

    def __reduce__(self) -> tuple[object, tuple[str, str]]:
        return open, (self._path, "w")


def a_planted_session_is_code(site: Site) -> str:
    """Somebody who can write a file in the folder of sessions."""
    canary = site.root / "canary"
    canary.unlink(missing_ok=True)
    sessions: Any = site.app.session_interface
    with requests.Session() as own:
        own.get(f"{site.address}/logs/", timeout=DEADLINE)
        sid = own.cookies["backup_manager"].partition(".")[0]
        file = sessions.cache._get_filename(sessions._get_store_id(sid))
        with open(file, "wb") as planted:
            planted.write(struct.pack("I", 0) + pickle.dumps(_Touches(str(canary))))
        own.get(f"{site.address}/logs/", timeout=DEADLINE)
    return "code was run" if canary.exists() else ""
