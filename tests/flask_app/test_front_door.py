"""Headers and hosts, on every answer there is."""

import socket
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import Client

from flask_app import create_app
from flask_app.config import ServerConfig, read_environment
from flask_app.front_door import FrontDoor, host_name
from flask_app.identity import Identity
from models.role import Role
from tests import fakes

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
EVERY_KIND = [
    "/",
    "/jobs/",
    "/healthz",
    "/nowhere",
    "/static/css/output.css",
    "/static/nothing.css",
    "/api/v1/jobs",
    "/api/v1/nothing",
    "/socket.io/?EIO=4&transport=polling",
    "/socket.io/?EIO=3",
    "/socket.io/nonsense",
]


@pytest.mark.parametrize("path", EVERY_KIND)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "PUT"])
@pytest.mark.parametrize("host", ["localhost", "evil.example"])
def test_every_answer_carries_the_headers(client: FlaskClient, path: str, method: str, host: str) -> None:
    headers = client.open(path, method=method, headers={"Host": host}, buffered=True).headers
    assert headers.getlist("Content-Security-Policy") == [CSP]
    assert headers.getlist("X-Content-Type-Options") == ["nosniff"]
    assert headers.getlist("Referrer-Policy") == ["same-origin"]
    assert headers.getlist("Cross-Origin-Opener-Policy") == ["same-origin"]
    assert len(headers.getlist("Cache-Control")) == 1
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.parametrize("path", ["/", "/healthz", "/api/v1/jobs", "/nowhere"])
def test_pages_and_answers_are_never_stored(client: FlaskClient, path: str) -> None:
    assert client.get(path).headers["Cache-Control"] == "no-store"


def kept(client: FlaskClient, address: str) -> str:
    return client.get(address, buffered=True).headers["Cache-Control"]


def test_a_static_file_with_its_hash_is_kept_for_ever_and_without_it_is_not(app: Flask) -> None:
    client = app.test_client()
    with app.test_request_context():
        address = app.url_for("static", filename="css/output.css")
    assert "?v=" in address
    assert kept(client, address) == "public, max-age=31536000, immutable"
    assert kept(client, "/static/css/output.css") == "no-cache"
    assert kept(client, "/static/css/output.css?v=old") == "no-cache"
    assert client.get("/static/../secret_key?v=x").status_code == 404


@pytest.mark.parametrize("path", ["/", "/healthz", "/static/css/output.css", "/api/v1/jobs", "/socket.io/?EIO=4"])
@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost:5001@evil.example", "192.168.1.5", ""]
)
def test_a_host_that_is_not_ours_is_refused_everywhere(client: FlaskClient, path: str, host: str) -> None:
    assert client.get(path, headers={"Host": host}).status_code == 400


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("localhost", "localhost"),
        ("LOCALHOST:80", "localhost"),
        ("[::1]", "::1"),
        ("[::1]:5001", "::1"),
        ("localhost:80x", ""),
        ("a:b:c", ""),
        ("", ""),
    ],
)
def test_a_host_header_is_taken_apart(header: str, name: str) -> None:
    assert host_name(header) == name


def test_a_connection_that_nobody_reads_is_cut_by_the_kernel(app: Flask) -> None:
    """Otherwise its writer would wait for ever; Linux gives up after this time with nothing taken."""
    with socket.socket() as connection:
        upgrade = {"gunicorn.socket": connection, "HTTP_UPGRADE": "websocket"}
        app.test_client().get("/socket.io/?EIO=4&transport=polling", environ_overrides=upgrade)
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 20_000


def off(config: ServerConfig, **environ: str) -> FlaskClient:
    asked = {"BACKUP_MANAGER_DATA_DIR": str(config.data_dir), "BACKUP_MANAGER_AUTH": "off", **environ}
    return create_app(fakes.container(), read_environment(asked)).test_client()


def test_an_open_server_takes_addresses_and_its_own_names_but_no_others(config: ServerConfig) -> None:
    client = off(config, BACKUP_MANAGER_HOST="0.0.0.0", BACKUP_MANAGER_ALLOWED_HOSTS="backup.example")
    for host in ("192.168.1.5:5001", "[fd00::1]", "backup.example", "localhost"):
        assert client.get("/healthz", headers={"Host": host}).status_code == 200
    assert client.get("/healthz", headers={"Host": "evil.example"}).status_code == 400


def test_a_forwarded_host_counts_only_from_a_trusted_proxy(config: ServerConfig) -> None:
    forwarded = {"Host": "evil.example", "X-Forwarded-Host": "localhost"}
    assert off(config).get("/healthz", headers=forwarded).status_code == 400
    trusting = off(config, BACKUP_MANAGER_TRUSTED_PROXIES="1")
    assert trusting.get("/healthz", headers=forwarded).status_code == 200
    spoofed = {"Host": "localhost", "X-Forwarded-Host": "evil.example"}
    assert trusting.get("/healthz", headers=spoofed).status_code == 400


@pytest.mark.parametrize(
    ("query", "is_new"), [("", True), ("&nosid=1", True), ("&x=sid=1", True), ("&sid=", True), ("&sid=abc", False)]
)
def test_a_full_server_takes_no_new_live_connection_however_it_is_asked_for(query: str, is_new: bool) -> None:
    def inner(_environ: object, start: Callable[[str, list[tuple[str, str]]], object]) -> list[bytes]:
        start("200 OK", [])
        return [b""]

    door = FrontDoor(inner, read_environment({}), lambda _: Identity(Role.VIEWER), lambda: True)
    answer = Client(door).get(f"/socket.io/?EIO=4&transport=websocket{query}", headers={"Host": "localhost"})
    assert answer.status_code == (503 if is_new else 200)
