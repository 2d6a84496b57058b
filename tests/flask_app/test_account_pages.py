"""A person's own account: its password, where it is logged in, its tokens; and what others try with it."""

import re

import pytest
from flask import Flask

from core.guessing import FREE_BY_DEVICE
from flask_app import create_app
from flask_app.config import ServerConfig, read_environment
from models.account import Token
from models.role import Role
from tests import fakes
from tests.flask_app.people import AFAR, OTHER, PASSWORD, Person, doors, quickly

SECRET = re.compile(r"bm_[\w-]{43}")


@pytest.fixture
def app(config: ServerConfig) -> Flask:
    environ = {"BACKUP_MANAGER_DATA_DIR": str(config.data_dir), "BACKUP_MANAGER_ALLOWED_HOSTS": AFAR}
    app = quickly(create_app(fakes.container(), read_environment(environ)))
    doors(app).accounts.create("root", Role.ADMINISTRATOR, None)
    doors(app).accounts.create("anna", Role.OPERATOR, PASSWORD)
    return app


@pytest.fixture
def anna(app: Flask) -> Person:
    person = Person(app)
    assert person.log_in(remember="1").status_code == 303
    return person


def tokens(app: Flask) -> list[Token]:
    return doors(app).tokens.all()


# The password


def test_a_change_of_password_throws_out_all_others_and_renews_ones_own_session(anna: Person) -> None:
    other, before = Person(anna.app, "192.0.2.8"), anna.cookie()
    other.log_in()
    answer = anna.post("/account/password", present=PASSWORD, new=OTHER)
    assert answer.headers["Location"] == "/account/"
    assert "Max-Age" in answer.headers["Set-Cookie"], "it stays logged in as it was"
    assert anna.cookie() != before
    page = anna.get("/account/")
    assert "Password changed" in page.text
    assert page.text.count('<span class="tag">this browser</span>') == 1
    assert not other.is_in()
    anna.client.set_cookie("backup_manager", before, domain=AFAR)
    assert not anna.is_in()
    assert other.log_in().status_code == 422
    assert other.log_in(password=OTHER).status_code == 303


@pytest.mark.parametrize(
    ("present", "new", "field", "sentence"),
    [
        ("wrong horse", OTHER, "present", "This is not the present password."),
        ("", OTHER, "present", "This is not the present password."),
        (PASSWORD, "short", "new", "at least 10 characters"),
        (PASSWORD, "aaaaaaaaaaaa", "new", "guessed at once"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(anna: Person, present: str, new: str, field: str, sentence: str) -> None:
    answer = anna.post("/account/password", present=present, new=new)
    assert answer.status_code == 422
    assert re.search(rf'id="field-{field}-error"[^>]*>[^<]*(<[^>]*>[^<]*)*{re.escape(sentence)}', answer.text)
    for typed in filter(None, (present, new)):
        assert f'value="{typed}"' not in answer.text
    assert anna.is_in()
    assert doors(anna.app).accounts.verified("anna", PASSWORD)


def test_whoever_sits_down_at_an_open_browser_cannot_guess_the_password(anna: Person) -> None:
    tries = [anna.post("/account/password", present=f"wrong horse {n}", new=OTHER) for n in range(FREE_BY_DEVICE + 1)]
    assert [answer.status_code for answer in tries] == [422] * FREE_BY_DEVICE + [429]
    assert tries[-1].headers["Retry-After"]
    assert anna.post("/account/password", present=PASSWORD, new=OTHER).status_code == 429
    assert anna.is_in()


def test_a_form_of_another_site_changes_nothing(anna: Person) -> None:
    for path, fields in (
        ("/account/password", {"present": PASSWORD, "new": OTHER}),
        ("/account/tokens", {"name": "x", "role": "viewer", "days": ""}),
    ):
        assert anna.post(path, {"Origin": "http://evil.example"}, **fields).status_code == 403
        assert anna.client.post(path, base_url=anna.base, data=fields).status_code == 403
    assert doors(anna.app).accounts.verified("anna", PASSWORD)
    assert tokens(anna.app) == []


# Logins


def test_a_login_elsewhere_is_listed_and_ended(anna: Person) -> None:
    other = Person(anna.app, "192.0.2.8")
    other.client.environ_base["HTTP_USER_AGENT"] = "<script>alert(1)</script>\u202e"
    other.log_in()
    page = anna.get("/account/").text
    assert "192.0.2.8" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    (login_id,) = re.findall(r"/account/logins/(\w+)/end", page)
    assert anna.post(f"/account/logins/{login_id}/end").status_code == 303
    assert not other.is_in()
    assert anna.is_in()
    assert anna.post(f"/account/logins/{login_id}/end").status_code == 404


def test_nobody_ends_the_logins_of_others_or_revokes_their_tokens(anna: Person) -> None:
    doors(anna.app).accounts.create("bert", Role.ADMINISTRATOR, OTHER)
    bert = Person(anna.app)
    bert.log_in("bert", OTHER)
    _, token = doors(anna.app).tokens.create("anna", "home", Role.VIEWER, None)
    own = doors(anna.app).logins.of_account("anna")[0].id
    assert bert.post(f"/account/logins/{own}/end").status_code == 404
    assert bert.post(f"/account/tokens/{token.id}/revoke").status_code == 404
    assert anna.is_in()
    assert tokens(anna.app) == [token]


# Tokens


def test_a_token_is_shown_once_and_works_until_it_is_revoked(anna: Person) -> None:
    made = anna.post("/account/tokens", name="home assistant", role="operator", days="30")
    assert made.status_code == 200
    assert made.headers["Cache-Control"] == "no-store"
    (secret,) = SECRET.findall(made.text)
    script = Person(anna.app, "192.0.2.9")
    assert script.get("/api/v1/jobs", Authorization=f"Bearer {secret}").status_code == 200
    page = anna.get("/account/").text
    assert secret not in page
    assert "home assistant" in page
    (token,) = tokens(anna.app)
    assert token.role is Role.OPERATOR
    assert token.expires_at is not None
    assert anna.post(f"/account/tokens/{token.id}/revoke").status_code == 303
    answer = script.get("/api/v1/jobs", Authorization=f"Bearer {secret}")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "bad_token")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"role": "administrator"}, "role"),
        ({"role": "emperor"}, "role"),
        ({"name": " "}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"days": "99999"}, "days"),
        ({"days": "-1"}, "days"),
        ({"days": "never"}, "days"),
    ],
)
def test_a_token_that_cannot_be_is_refused_beside_its_field(anna: Person, changes: dict[str, str], field: str) -> None:
    answer = anna.post("/account/tokens", **{"name": "home", "role": "viewer", "days": "", **changes})
    assert answer.status_code == 422
    assert f'id="field-{field}-error"' in answer.text
    assert SECRET.findall(answer.text) == []
    assert tokens(anna.app) == []


@pytest.mark.parametrize("own_role", [Role.VIEWER, Role.ADMINISTRATOR])
def test_a_token_cannot_make_one_that_may_more_or_lasts_longer(app: Flask, own_role: Role) -> None:
    secret, token = doors(app).tokens.create("root", "weak", own_role, 1)
    client = app.test_client()
    client.environ_base |= {"HTTP_AUTHORIZATION": f"Bearer {secret}", "REMOTE_ADDR": "192.0.2.9"}
    login = doors(app).logins.of_account("anna")
    for path, fields in (
        ("/account/tokens", {"name": "strong", "role": "administrator", "days": ""}),
        ("/account/password", {"present": "", "new": OTHER}),
        (f"/account/tokens/{token.id}/revoke", {}),
        ("/account/logins/0123456789abcdef/end", {}),
    ):
        answer = client.post(path, base_url=f"http://{AFAR}", data=fields)
        assert (answer.status_code, "A token cannot change accounts" in answer.text) == (403, True), path
    assert tokens(app) == [token]
    assert doors(app).accounts.verified("root", OTHER) is None
    assert doors(app).logins.of_account("anna") == login


# Who has no account, or none with a password


def test_here_no_account_is_needed_and_the_page_says_so(app: Flask) -> None:
    client = app.test_client()
    page = client.get("/account/")
    assert page.status_code == 200
    assert "No account is needed here" in page.text
    found = re.search(r'name="csrf-token" content="([^"]+)"', page.text)
    assert found
    sent = {"csrf_token": found[1], "name": "x", "role": "viewer", "days": ""}
    assert client.post("/account/tokens", data=sent, headers={"Origin": "http://localhost"}).status_code == 404
    assert tokens(app) == []


def test_without_a_password_there_is_none_to_change(app: Flask, config: ServerConfig) -> None:
    environ = {
        "BACKUP_MANAGER_DATA_DIR": str(config.data_dir), "BACKUP_MANAGER_ALLOWED_HOSTS": AFAR,
        "BACKUP_MANAGER_AUTH_HEADER": "Remote-User", "BACKUP_MANAGER_AUTH_PROXIES": "10.0.0.1",
    }  # fmt: skip
    proxied = Person(quickly(create_app(fakes.container(), read_environment(environ))), "10.0.0.1")
    page = proxied.get("/account/", Remote_User="root")
    assert page.status_code == 200
    assert "/account/password" not in page.text
    assert "/logout" not in page.text
    sent = {"Remote-User": "root"}
    found = re.search(r'name="csrf-token" content="([^"]+)"', page.text)
    assert found
    sent |= {"X-CSRFToken": found[1], "Origin": proxied.base}
    fields = {"present": "", "new": OTHER}
    assert proxied.client.post("/account/password", base_url=proxied.base, data=fields, headers=sent).status_code == 422
    assert doors(app).accounts.get("root").password == ""
