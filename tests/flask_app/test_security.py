"""The guard: every route is declared, and a change is meant."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from flask_app import create_app
from flask_app.config import ServerConfig, read_environment
from flask_app.security import GUARDED, OPEN, declared_form
from tests import fakes

TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
ORIGIN = {"Origin": "http://localhost"}


def rules(app: Flask) -> set[str]:
    return {declared_form(rule.rule) for rule in app.url_map.iter_rules()}


def test_every_route_is_declared(app: Flask) -> None:
    assert rules(app) - GUARDED - OPEN == set()


def test_nothing_is_declared_that_does_not_exist(app: Flask) -> None:
    assert (GUARDED | OPEN) - rules(app) == set()


def test_only_these_two_are_open_to_everybody() -> None:
    assert {"/healthz", "/static/<>"} == OPEN


def test_an_undeclared_route_is_refused(app: Flask) -> None:
    app.add_url_rule("/backdoor", "backdoor", lambda: "in")
    assert app.test_client().get("/backdoor").status_code == 403


def closed(config: ServerConfig) -> Flask:
    environ = {"BACKUP_MANAGER_DATA_DIR": str(config.data_dir), "BACKUP_MANAGER_AUTH": "required"}
    return create_app(fakes.container(), read_environment(environ))


def test_required_refuses_every_route_of_the_map_and_every_other_path(config: ServerConfig) -> None:
    app = closed(config)
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if declared_form(rule.rule) in OPEN:
            continue
        path = re.sub("<[^>]*>", "20261121T070204123Z-a1b2c3", rule.rule)
        for method in sorted(rule.methods or ()):
            assert client.open(path, method=method).status_code == 403, (method, path)
    assert client.get("/nowhere").status_code == 403
    assert client.get("/socket.io/?EIO=4&transport=polling").status_code == 403
    assert client.get("/healthz").status_code == 200


def test_the_refusal_says_that_accounts_come_later_and_what_to_do(client: FlaskClient) -> None:
    page = client.get("/", headers={"X-Forwarded-For": "10.0.0.1"})
    assert page.status_code == 403
    assert "account" in page.text
    assert "127.0.0.1" in page.text


def token(client: FlaskClient) -> str:
    found = TOKEN.search(client.get("/logs/").text)
    assert found
    return found.group(1)


def test_a_form_with_token_and_origin_is_taken(client: FlaskClient) -> None:
    answer = client.post("/dismiss-recovery", data={"csrf_token": token(client)}, headers=ORIGIN)
    assert answer.status_code != 403


def test_a_header_with_the_token_is_as_good(client: FlaskClient) -> None:
    headers = {**ORIGIN, "X-CSRFToken": token(client)}
    assert client.post("/dismiss-recovery", headers=headers).status_code != 403


def test_a_token_of_another_session_is_refused(client: FlaskClient, app: Flask) -> None:
    stolen = token(app.test_client())
    token(client)
    assert client.post("/dismiss-recovery", data={"csrf_token": stolen}, headers=ORIGIN).status_code == 403


@pytest.mark.parametrize("path", ["/dismiss-recovery", "/jobs/create", "/jobs/x/start", "/settings/save"])
def test_a_form_without_token_is_refused(client: FlaskClient, path: str) -> None:
    assert client.post(path, headers=ORIGIN).status_code == 403
    token(client)
    assert client.post(path, headers=ORIGIN).status_code == 403
    assert client.post(path).status_code == 403


def test_the_token_does_not_help_another_site(client: FlaskClient) -> None:
    known = token(client)
    for foreign in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        answer = client.post("/dismiss-recovery", data={"csrf_token": known}, headers=foreign)
        assert answer.status_code == 403


def test_the_api_takes_a_script_without_cookie_and_origin(client: FlaskClient) -> None:
    assert client.post("/api/v1/jobs", json={"name": "x"}).status_code == 201


@pytest.mark.parametrize("told", [{"Origin": "http://evil.example"}, ORIGIN, {"Sec-Fetch-Site": "same-origin"}])
def test_the_api_takes_no_browser_without_token(client: FlaskClient, told: dict[str, str]) -> None:
    assert client.post("/api/v1/jobs", json={"name": "x"}, headers=told).status_code == 403


def test_the_api_wants_the_token_with_the_cookie(client: FlaskClient) -> None:
    known = token(client)
    assert client.post("/api/v1/jobs", json={"name": "x"}).status_code == 403
    headers = {**ORIGIN, "X-CSRFToken": known}
    assert client.post("/api/v1/jobs", json={"name": "x"}, headers=headers).status_code == 201
    foreign = {"Origin": "http://evil.example", "X-CSRFToken": known}
    assert client.post("/api/v1/jobs", json={"name": "x"}, headers=foreign).status_code == 403
