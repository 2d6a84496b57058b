"""Everybody's accounts: what an administrator does with them, and what nobody else does."""

import re

import pytest
from flask import Flask

from flask_app import create_app
from flask_app.config import ServerConfig, read_environment
from models.role import Role
from tests import fakes
from tests.flask_app.people import AFAR, OTHER, PASSWORD, Person, doors, quickly

NEW = {"name": "bert", "password": OTHER, "role": "operator"}
CHANGES = {
    "/accounts/add": NEW,
    "/accounts/anna/role": {"role": "viewer"},
    "/accounts/anna/password": {"password": OTHER},
    "/accounts/anna/remove": {},
    "/accounts/tokens/x/revoke": {},
}


@pytest.fixture
def app(config: ServerConfig) -> Flask:
    environ = {"BACKUP_MANAGER_DATA_DIR": str(config.data_dir), "BACKUP_MANAGER_ALLOWED_HOSTS": AFAR}
    app = quickly(create_app(fakes.container(), read_environment(environ)))
    doors(app).accounts.create("anna", Role.ADMINISTRATOR, PASSWORD)
    return app


def logged_in(app: Flask, name: str = "anna", password: str = PASSWORD) -> Person:
    person = Person(app)
    assert person.log_in(name, password).status_code == 303
    return person


@pytest.fixture
def anna(app: Flask) -> Person:
    return logged_in(app)


def roles(app: Flask) -> dict[str, Role]:
    return {account.name: account.role for account in doors(app).accounts.all()}


def test_an_administrator_lets_others_in(anna: Person) -> None:
    assert anna.post("/accounts/add", **NEW).headers["Location"] == "/accounts/"
    assert "Account bert added" in anna.get("/accounts/").text
    assert roles(anna.app) == {"anna": Role.ADMINISTRATOR, "bert": Role.OPERATOR}
    assert logged_in(anna.app, "bert", OTHER).is_in()


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR])
def test_nobody_else_sees_or_changes_them(anna: Person, role: Role) -> None:
    doors(anna.app).accounts.create("carl", role, OTHER)
    carl, before = logged_in(anna.app, "carl", OTHER), roles(anna.app)
    pages = [carl.get("/accounts/"), carl.get("/accounts/anna/remove")]
    pages += [carl.post(path, **fields) for path, fields in CHANGES.items()]
    pages += [carl.post("/accounts/carl/role", role="administrator")]
    for page in pages:
        assert (page.status_code, "takes the role of administrator" in page.text) == (403, True)
        assert "anna" not in page.text
    assert roles(anna.app) == before
    assert doors(anna.app).accounts.verified("anna", PASSWORD)


@pytest.mark.parametrize("path", CHANGES)
def test_an_administrators_token_changes_no_account(app: Flask, path: str) -> None:
    secret, token = doors(app).tokens.create("anna", "nightly", Role.ADMINISTRATOR, 1)
    doors(app).accounts.create("bert", Role.ADMINISTRATOR, OTHER)
    script, before = app.test_client(), doors(app).accounts.all()
    headers = {"Authorization": f"Bearer {secret}"}
    aimed = path.replace("/x/", f"/{token.id}/")
    answer = script.post(aimed, base_url=f"http://{AFAR}", data=CHANGES[path], headers=headers)
    assert (answer.status_code, "A token cannot change accounts" in answer.text) == (403, True)
    assert doors(app).accounts.all() == before
    assert doors(app).tokens.all() == [token]


def test_a_form_of_another_site_changes_nothing(anna: Person) -> None:
    for path, fields in CHANGES.items():
        assert anna.post(path, {"Origin": "http://evil.example"}, **fields).status_code == 403
        assert anna.client.post(path, base_url=anna.base, data=fields).status_code == 403
    assert roles(anna.app) == {"anna": Role.ADMINISTRATOR}


def test_less_at_once_for_whoever_is_logged_in_and_for_a_token(anna: Person) -> None:
    anna.post("/accounts/add", **{**NEW, "role": "administrator"})
    bert = logged_in(anna.app, "bert", OTHER)
    secret, _ = doors(anna.app).tokens.create("bert", "home", Role.ADMINISTRATOR, None)
    assert bert.get("/accounts/").status_code == 200
    assert anna.post("/accounts/bert/role", role="viewer").status_code == 303
    assert bert.get("/accounts/").status_code == 303, "logged out, to log in as what he is now"
    script = Person(anna.app, "192.0.2.9")
    assert script.get("/accounts/", Authorization=f"Bearer {secret}").status_code == 403
    assert script.get("/api/v1/jobs", Authorization=f"Bearer {secret}").status_code == 200


def test_another_password_logs_out_and_is_asked_for_from_then_on(anna: Person) -> None:
    anna.post("/accounts/add", **NEW)
    bert = logged_in(anna.app, "bert", OTHER)
    assert anna.post("/accounts/BERT/password", password="quite another one").status_code == 303
    assert not bert.is_in()
    assert bert.log_in("bert", OTHER).status_code == 422
    assert bert.log_in("bert", "quite another one").status_code == 303
    refused = anna.post("/accounts/bert/password", password="short")
    assert refused.status_code == 422
    assert 'id="password-bert-error"' in refused.text
    assert bert.is_in()


def test_removing_an_account_asks_and_ends_all_of_it(anna: Person) -> None:
    anna.post("/accounts/add", **NEW)
    bert = logged_in(anna.app, "bert", OTHER)
    secret, _ = doors(anna.app).tokens.create("bert", "home", Role.VIEWER, None)
    question = anna.get("/accounts/bert/remove").text
    assert "Remove the account bert?" in question
    assert "1 API token" in question
    assert "bert" in roles(anna.app)
    assert anna.post("/accounts/bert/remove").status_code == 303
    assert roles(anna.app) == {"anna": Role.ADMINISTRATOR}
    assert not bert.is_in()
    anna.post("/accounts/add", **NEW)
    assert not bert.is_in(), "nor as another of that name"
    assert Person(anna.app).get("/api/v1/jobs", Authorization=f"Bearer {secret}").status_code == 401


def test_the_last_administrator_is_kept_with_a_reason(anna: Person) -> None:
    for path, fields in (("/accounts/anna/role", {"role": "viewer"}), ("/accounts/anna/remove", {})):
        answer = anna.post(path, **fields)
        assert (answer.status_code, "This is the last administrator." in answer.text) == (409, True)
    assert anna.is_in()
    assert roles(anna.app) == {"anna": Role.ADMINISTRATOR}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": "ANNA"}, "name"),
        ({"name": ""}, "name"),
        ({"name": "<script>alert(1)</script>"}, "name"),
        ({"password": ""}, "password"),
        ({"password": "bertbertbert"}, ""),
        ({"role": "emperor"}, "role"),
        ({"role": ""}, "role"),
    ],
)
def test_an_account_that_cannot_be_is_refused_beside_its_field(
    anna: Person, changes: dict[str, str], field: str
) -> None:
    answer = anna.post("/accounts/add", **(NEW | changes))
    if not field:
        assert answer.status_code == 303
        return
    assert answer.status_code == 422
    assert f'id="field-{field}-error"' in answer.text
    assert "<script>alert" not in answer.text
    assert OTHER not in answer.text
    assert roles(anna.app) == {"anna": Role.ADMINISTRATOR}


def test_for_a_proxy_an_account_needs_no_password(anna: Person) -> None:
    assert anna.post("/accounts/add", name="carl", role="viewer", by_proxy="1", password="").status_code == 303
    assert doors(anna.app).accounts.get("carl").password == ""
    assert "by proxy only" in anna.get("/accounts/").text
    assert Person(anna.app).log_in("carl", "").status_code == 422


def test_any_token_is_revoked_here(anna: Person) -> None:
    anna.post("/accounts/add", **NEW)
    secret, token = doors(anna.app).tokens.create("bert", "<b>home", Role.VIEWER, None)
    page = anna.get("/accounts/").text
    assert "&lt;b&gt;home" in page
    assert secret not in page
    assert token.digest not in page
    assert not re.search(r"scrypt\$", page)
    assert anna.post(f"/accounts/tokens/{token.id}/revoke").status_code == 303
    assert Person(anna.app).get("/api/v1/jobs", Authorization=f"Bearer {secret}").status_code == 401
    assert anna.post(f"/accounts/tokens/{token.id}/revoke").status_code == 404


def test_who_is_not_there_is_not_found(anna: Person) -> None:
    for path, fields in (
        ("/accounts/nobody/role", {"role": "viewer"}),
        ("/accounts/nobody/password", {"password": OTHER}),
        ("/accounts/nobody/remove", {}),
    ):
        assert anna.post(path, **fields).status_code == 404


def test_on_the_machine_itself_the_first_account_is_made_without_a_code(config: ServerConfig) -> None:
    app = quickly(create_app(fakes.container(), config))
    client = app.test_client()
    found = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/accounts/").text)
    assert found
    sent = {**NEW, "role": "administrator", "csrf_token": found[1]}
    assert client.post("/accounts/add", data=sent, headers={"Origin": "http://localhost"}).status_code == 303
    assert roles(app) == {"bert": Role.ADMINISTRATOR}
