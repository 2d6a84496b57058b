"""The guard: every route is declared, and a change is meant."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from flask_app import create_app
from flask_app.config import ServerConfig, read_environment
from flask_app.roles import OPEN, declared_by
from models.role import Role
from tests import fakes
from tests.flask_app.people import somebody
from tests.security.matrix import LIVE, documented, matrix, table

TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
ORIGIN = {"Origin": "http://localhost"}


def test_every_route_and_every_live_event_is_declared(app: Flask) -> None:
    assert [row for row in matrix(app) if not row.level] == []


def test_the_document_says_what_the_declarations_say(app: Flask) -> None:
    assert documented() == table(app), "python -m tests.security.matrix writes it"


def test_only_these_are_open_to_everybody_and_none_of_them_knows_a_job(app: Flask) -> None:
    opened = {row.address for row in matrix(app) if row.level == "everybody"}
    shell = {"/healthz", "/static/<filename>", "/manifest.webmanifest", "/sw.js", "/offline"}
    assert opened == shell | {"/login", "/setup", "/logout"}


@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_given_what_is_declared_for_it_and_refused_the_rest(app: Flask, role: Role) -> None:
    client = somebody(app, role)
    for row in matrix(app):
        if row.address != LIVE:
            path = re.sub("<[^>]*>", "20261121T070204123Z-a1b2c3", row.address)
            answer = client.open(path, method=row.method)
            is_refused = answer.status_code == 403 and re.search("takes the role of|A token cannot", answer.text)
            assert bool(is_refused) is not row.may(role, has_token=True), (row, answer.text[:300])


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/jobs/bulk", {"action": "delete"}),
        ("/jobs/bulk", {"action": "delete", "confirmed": "1"}),
        ("/jobs/bulk", {"action": "disable"}),
        ("/jobs/bulk", {"action": "add_tag", "tag": "x"}),
        ("/jobs/bulk", {"action": "nonsense"}),
        ("/jobs/x/do", {"do": "duplicate"}),
        ("/jobs/x/do", {"do": "disable"}),
    ],
)
def test_a_menu_gives_no_operator_what_is_an_administrators(app: Flask, path: str, body: dict[str, str]) -> None:
    for role, is_refused in ((Role.OPERATOR, True), (Role.ADMINISTRATOR, False)):
        answer = somebody(app, role).post(path, data={"job_id": "x", **body})
        assert ("takes the role of administrator" in answer.text) is is_refused


def test_an_operator_starts_and_pauses_through_the_menus_too(app: Flask) -> None:
    client = somebody(app, Role.OPERATOR)
    for path, body in (
        ("/jobs/bulk", {"action": "start"}),
        ("/jobs/bulk", {"action": "pause"}),
        ("/jobs/x/do", {"do": "verify"}),
    ):
        answer = client.post(path, data={"job_id": "x", **body})
        assert "takes the role of" not in answer.text


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
        if declared_by(app.view_functions[rule.endpoint]) == OPEN:
            continue
        path = re.sub("<[^>]*>", "20261121T070204123Z-a1b2c3", rule.rule)
        for method in sorted(rule.methods or ()):
            assert client.open(path, method=method).status_code == 401, (method, path)
    assert client.get("/nowhere").status_code == 401
    assert client.get("/socket.io/?EIO=4&transport=polling").status_code == 403
    assert client.get("/healthz").status_code == 200


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


def test_a_stale_form_is_refused_with_the_token_that_its_next_press_needs(client: FlaskClient, app: Flask) -> None:
    headers, stale = {**ORIGIN, "HX-Request": "true"}, {"csrf_token": token(app.test_client())}
    answer = client.post("/dismiss-recovery", data=stale, headers=headers)
    assert answer.status_code == 403
    assert "Try again" in answer.text
    fresh = {"csrf_token": answer.headers["X-CSRF-Token"]}
    assert client.post("/dismiss-recovery", data=fresh, headers=headers).status_code == 200
    foreign = {**headers, "Origin": "http://evil.example"}
    assert "X-CSRF-Token" not in client.post("/dismiss-recovery", data=stale, headers=foreign).headers


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
