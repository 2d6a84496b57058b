"""What a stranger on the network tries. Each attack says what it gained, "" for nothing; none asserts anything."""

import re

import requests
from werkzeug.test import TestResponse

from flask_app.identity import Identity
from models.role import Role
from tests.security.matrix import LIVE, matrix
from tests.security.site import EVIL, Site
from tests.servers import DEADLINE

FORWARDED = (
    {"X-Forwarded-For": "10.0.0.7"}, {"X-Forwarded-For": "127.0.0.1"}, {"Forwarded": "for=10.0.0.7"},
    {"X-Real-IP": "10.0.0.7"}, {"Via": "1.1 nas"}, {"X-Forwarded-Host": "127.0.0.1"}, {"X-Forwarded-Proto": "https"},
    {"CF-Connecting-IP": "10.0.0.7"}, {"X-Client-IP": "10.0.0.7"}, {"X-Forwarded-Port": "443"},
)  # fmt: skip
HANDSHAKE = "/socket.io/?EIO=4&transport=polling"
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "x3JJHMbDL1EzLkh9GBhXDw==",
}


def addresses(site: Site, *levels: str) -> list[tuple[str, str]]:
    """(method, path) of all views of these levels, made from the map, so that a new one is among them."""
    return [
        (row.method, re.sub("<[^>]*>", "20261121T070204123Z-a1b2c3", row.address))
        for row in matrix(site.app)
        if row.level in levels and row.address != LIVE
    ]


def is_refused(answer: requests.Response | TestResponse) -> bool:
    return answer.status_code in {401, 403}


GUARDED = ("viewer", "operator", "administrator")


def through_a_proxy_on_the_same_machine(site: Site) -> str:
    """There, everybody comes from 127.0.0.1; some proxies say for whom."""
    for number, (method, path) in enumerate(addresses(site, *GUARDED)):
        headers = FORWARDED[number % len(FORWARDED)]
        if not is_refused(site.ask(method, path, headers=headers)):
            return f"{method} {path} with {headers}"
    for headers in FORWARDED:
        if not is_refused(site.ask("GET", "/jobs/", headers=headers)):
            return f"/jobs/ with {headers}"
    return ""


def a_live_connection_through_a_proxy(site: Site) -> str:
    for headers in FORWARDED:
        if gained := handshakes(site, headers):
            return gained
    return ""


def handshakes(site: Site, headers: dict[str, str]) -> str:
    for upgrade in ({}, UPGRADE):
        path = HANDSHAKE.replace("polling", "websocket") if upgrade else HANDSHAKE
        with requests.get(
            f"{site.address}{path}", headers={**upgrade, **headers}, timeout=DEADLINE, stream=True
        ) as answer:
            if answer.status_code in (101, 200):
                return f"a live connection with {headers}"
    return ""


def without_an_account(site: Site) -> str:
    """Every address where one is required."""
    with site.configured(access="required"):
        for method, path in addresses(site, *GUARDED):
            if not is_refused(site.ask(method, path)):
                return f"{method} {path}"
    return ""


def a_live_connection_without_an_account(site: Site) -> str:
    with site.configured(access="required"):
        return handshakes(site, {})


def a_new_address_that_nobody_thought_about(site: Site) -> str:
    def secret() -> str:
        return "every secret"

    if "forgotten" not in site.app.view_functions:
        site.app._got_first_request = False  # only before the first request may an app be given a view
        site.app.add_url_rule("/forgotten", "forgotten", secret)
    return site.ask("GET", "/forgotten").text if site.ask("GET", "/forgotten").ok else ""


def from_another_machine(site: Site) -> str:
    """It says that it means 127.0.0.1, and nobody stands between."""
    client = site.app.test_client()
    for environ in (
        {"REMOTE_ADDR": "192.168.1.7"},
        {"SERVER_NAME": "0.0.0.0"},
        {"REMOTE_ADDR": "fe80::1"},
        {"REMOTE_ADDR": ""},
    ):
        headers = {"Host": f"127.0.0.1:{site.port}"}
        if not is_refused(client.get("/jobs/", headers=headers, environ_overrides=environ)):
            return f"the jobs with {environ}"
    return ""


def through_a_proxy_that_adds_no_header(site: Site) -> str:
    """As nginx does where nobody set it up; it speaks the old protocol, which no browser does."""
    environ = {"SERVER_PROTOCOL": "HTTP/1.0", "REMOTE_ADDR": "127.0.0.1", "SERVER_NAME": "127.0.0.1"}
    headers = {"Host": f"127.0.0.1:{site.port}"}
    answer = site.app.test_client().get("/jobs/", headers=headers, environ_overrides=environ)
    return "" if is_refused(answer) else "the jobs"


def a_viewer_does_what_administrators_do(site: Site) -> str:
    """Whoever may see tries everything else, with a good token."""
    from flask_app import security

    own = requests.Session()
    page = own.get(f"{site.address}/logs/", timeout=DEADLINE).text
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    headers = {"X-CSRFToken": found.group(1) if found else "", "Origin": site.address}
    who = security.whoever_asks
    security.whoever_asks = lambda: Identity(Role.VIEWER)
    try:
        for method, path in addresses(site, "operator", "administrator"):
            answer = own.request(method, f"{site.address}{path}", headers=headers, timeout=DEADLINE)
            if answer.status_code != 403:
                return f"{method} {path}: {answer.status_code}"
    finally:
        security.whoever_asks = who
        own.close()
    return ""


def a_forwarded_host_in_the_place_of_a_wrong_one(site: Site) -> str:
    """A server that is open to all who reach it: what a proxy could say, anybody says."""
    port = site.port
    spoofed = {"Host": f"{EVIL}:{port}", "X-Forwarded-Host": f"127.0.0.1:{port}", "X-Forwarded-For": "127.0.0.1"}
    with site.configured(access="off"):
        for path in ("/", "/jobs/", "/api/v1/jobs", HANDSHAKE):
            if site.ask("GET", path, headers=spoofed).ok:
                return f"{path} under another name"
    return ""


def a_forwarded_scheme_makes_an_origin_ours(site: Site) -> str:
    """`https` of this name is another origin than `http`; a forged header would make them one."""
    page = requests.Session()
    try:
        text = page.get(f"{site.address}/logs/", timeout=DEADLINE).text
        found = re.search(r'name="csrf-token" content="([^"]+)"', text)
        origin = f"https://127.0.0.1:{site.port}"
        headers = {"Origin": origin, "X-Forwarded-Proto": "https", "X-CSRFToken": found.group(1) if found else ""}
        with site.configured(access="off"):
            answer = page.post(f"{site.address}/dismiss-recovery", headers=headers, timeout=DEADLINE)
            return "" if answer.status_code == 403 else f"a change from {origin}"
    finally:
        page.close()
