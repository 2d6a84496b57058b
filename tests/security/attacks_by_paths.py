"""What ids, names and paths try to reach that is not theirs. Each attack says what it gained."""

import http.client
import os
import re
from collections.abc import Iterator
from urllib.parse import quote

import requests

from core.container import build_container
from flask_app.utils.names import token_of
from models.errors import AppError
from tests.security import payloads
from tests.security.attacks_by_strangers import addresses
from tests.security.matrix import matrix
from tests.security.site import Site
from tests.servers import DEADLINE

SECRET = "the content of another file"
# As they stand in the address: written out, escaped once and twice, in other alphabets, with other separators.
NAMES = (
    "..", "%2e%2e", "%252e%252e", "..%2f", "..%2f..%2fsecret_key", "%2e%2e%2f%2e%2e%2fsecret_key",
    "..%5c..%5csecret_key", "..%2fconfig.py",
    "..%252f..%252fsecret_key", "....%2f%2fsecret_key", "%2fetc%2fpasswd", "%5cetc%5cpasswd", "%00", "x%00.log",
    "..%00%2fsecret_key", "%c0%ae%c0%ae%c0%afsecret_key", "%e2%80%ae", "%ff%fe", "%0d%0aX-Evil:%201", "%0aX-Evil:%201",
    "~", "~root", ".", "%2e", "-", "--help", "*", "%20", "x" * 300, "x" * 5000, "%ef%bc%8e%ef%bc%8e%ef%bc%8fsecret_key",
    "file:%2f%2f%2fetc%2fpasswd", "con", "%2e%2e%3b", "..;", "jobs.yaml", "secret_key", "%7b%7b7*7%7d%7d",
)  # fmt: skip


def asked_raw(site: Site, method: str, path: str) -> tuple[int, bytes, str]:
    """Status, body and headers of an address as it stands, which other clients would tidy up."""
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=DEADLINE)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.read(), str(answer.headers)
    finally:
        connection.close()


def hostile_addresses(site: Site) -> Iterator[str]:
    """Every address that takes a name or an id, with each of these in its place."""
    for address in sorted({row.address for row in matrix(site.app) if "<" in row.address and row.method == "GET"}):
        for name in NAMES:
            yield re.sub("<[^>]*>", lambda _, name=name: name, address)  # type: ignore[misc]


def a_name_in_an_address_leads_elsewhere(site: Site) -> str:
    key = (site.data / "secret_key").read_bytes().strip()
    for path in hostile_addresses(site):
        status, body, headers = asked_raw(site, "GET", path)
        if status >= 500:
            return f"{status} for {path}"
        if any(found in body for found in (b"root:x:0:", key, b"ServerConfig")):
            return f"a file through {path}"
        if "X-Evil" in headers:
            return f"a header through {path}"
    return ""


def a_static_file_lies_elsewhere(site: Site) -> str:
    for steps in ("../", "..%2f", "%2e%2e/", "..%5c", "../../", "..%2f..%2f", "/../"):
        _, body, _ = asked_raw(site, "GET", f"/static/{steps}config.py")
        if b"ServerConfig" in body:
            return f"source code through {steps}"
    return ""


def an_id_in_the_file_is_a_path(site: Site) -> str:
    """A job written by hand, whose runs would lie where it says; with a core of its own, which is not used again."""
    number = len(list(site.root.iterdir()))
    escaped, source = site.root / f"escaped {number}", site.root / f"source {number}"
    source.mkdir()
    (source / "photo.jpg").write_text("content")
    core = build_container(site.root / f"data {number}")
    ends = {"source": f"{source}/", "dest": f"{site.root}/copies"}
    job = payloads.document(str(escaped), {"name": "x", "type": "rsync", "settings": {}, **ends})
    (site.root / f"data {number}/jobs.yaml").write_text("jobs:\n" + payloads.by_hand(job))
    try:
        core.manager.start(str(escaped))
    except AppError:
        return ""
    return "a run outside" if escaped.exists() else ""


def _copy(site: Site) -> str:
    """A job whose copy has a neighbour with a secret, and a link that leads there; its id."""
    secret, copy = site.root / "secrets", site.root / "copy"
    if not secret.exists():
        secret.mkdir()
        (secret / SECRET).write_text(SECRET)
        copy.mkdir()
        (copy / "link").symlink_to(secret)
    return site.job(dest=f"{copy}/")


def _looked(site: Site, names: tuple[bytes, ...]) -> str:
    job_id = _copy(site)
    for name in names:
        for asked in (f"folder={quote(name)}", f"token={token_of(name)}"):
            if SECRET in site.ask("GET", f"/api/v1/jobs/{job_id}/browse?{asked}").text:
                return f"a folder through {name!r}"
    return ""


def a_folder_above_the_copy_is_looked_into(site: Site) -> str:
    absolute = os.fsencode(site.root / "secrets")
    return _looked(site, (b"../secrets", b"./../secrets", b"link/../../secrets", absolute, b"x\0/../../secrets"))


def a_link_leads_out_of_the_copy(site: Site) -> str:
    return _looked(site, (b"link", b"./link", b"link/."))


def form(site: Site, path: str, **fields: str) -> requests.Response:
    """A form as our own page sends it."""
    with requests.Session() as own:
        page = own.get(f"{site.address}/jobs/create", timeout=DEADLINE).text
        found = re.search(r'name="csrf-token" content="([^"]+)"', page)
        sent = {"csrf_token": found.group(1) if found else "", **fields}
        headers = {"Origin": site.address}
        return own.post(f"{site.address}{path}", data=sent, headers=headers, timeout=DEADLINE, allow_redirects=False)


def a_key_is_made_elsewhere(site: Site) -> str:
    form(site, "/settings/keys/create", name="usual")
    for name in ("../escaped-key", f"{site.root}/escaped-key", "usual/../../escaped-key", "..", "x\0y"):
        answer = form(site, "/settings/keys/create", name=name)
        if answer.status_code >= 500:
            return f"{answer.status_code} for {name!r}"
        if any((place / "escaped-key").exists() for place in (site.root, site.data)):
            return "a key outside"
    return ""


def a_log_that_is_a_link_shows_another_file(site: Site) -> str:
    """Others may write into the folder of the shared logs."""
    job_id, other = site.job(), site.root / "other file"
    other.write_text(f"[2026-11-21 07:02:04] {SECRET}\n")
    log = site.data / "logs" / f"rsync_{job_id}.log"
    log.parent.mkdir(exist_ok=True)
    log.symlink_to(other)
    try:
        for path in ("/logs/", f"/logs/?job_id={job_id}", f"/logs/export?job_id={job_id}"):
            if SECRET in site.ask("GET", path).text:
                return f"another file on {path}"
    finally:
        log.unlink()
    return ""


def a_log_that_is_a_link_writes_another_file(site: Site) -> str:
    job_id, other = site.job(), site.root / "precious file"
    other.write_text("precious\n")
    log = site.data / "logs" / f"rsync_{job_id}.log"
    log.parent.mkdir(exist_ok=True)
    log.symlink_to(other)
    try:
        run = site.run(job_id)
        return "" if run["state"] == "done" and other.read_text() == "precious\n" else "another file was written"
    finally:
        log.unlink(missing_ok=True)


def every_address(site: Site) -> list[tuple[str, str]]:
    return addresses(site, "everybody", "viewer", "operator", "administrator")
