"""Who a bare request comes from: tokens, proxies, logins, and what only looks like one."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from core.doors import Doors
from core.logins import Visitor, digest_of
from flask_app import create_app
from flask_app.config import ServerConfig, read_environment
from flask_app.identity import BadToken, Gate, Identity, UnknownToUs
from flask_app.sessions import SessionIds
from models.errors import StoreBroken
from models.role import Role
from tests import build, fakes
from tests.core.gatehouse import quick_doors
from tests.flask_app.people import AFAR, PASSWORD, Person, doors, quickly

HERE = {
    "SERVER_NAME": "127.0.0.1", "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:5001", "wsgi.url_scheme": "http",
    "SERVER_PROTOCOL": "HTTP/1.1",
}  # fmt: skip
AWAY = {**HERE, "REMOTE_ADDR": "192.0.2.7", "HTTP_HOST": AFAR}
IDS = SessionIds("a key of this installation")
PROXIES = {"BACKUP_MANAGER_AUTH_HEADER": "Remote-User", "BACKUP_MANAGER_AUTH_PROXIES": "10.0.0.1, 10.1.0.0/16"}


@pytest.fixture
def house(tmp_path: Path) -> Doors:
    doors = quick_doors(tmp_path)
    doors.accounts.create("root", Role.ADMINISTRATOR, None)
    doors.accounts.create("Anna", Role.OPERATOR, None)
    return doors


def gate(house: Doors, tmp_path: Path, **environ: str) -> Gate:
    return Gate(read_environment({"BACKUP_MANAGER_DATA_DIR": str(tmp_path / "data"), **environ}), house, IDS)


def who(house: Doors, tmp_path: Path, environ: Mapping[str, Any], **setting: str) -> Identity | None:
    return gate(house, tmp_path, **setting).who(dict(environ))


def test_here_nobody_is_asked_and_afar_everybody_is(house: Doors, tmp_path: Path) -> None:
    assert who(house, tmp_path, HERE) == Identity(Role.ADMINISTRATOR)
    assert who(house, tmp_path, AWAY) is None
    assert who(house, tmp_path, HERE, BACKUP_MANAGER_AUTH="required") is None
    assert who(house, tmp_path, AWAY, BACKUP_MANAGER_AUTH="off") == Identity(Role.ADMINISTRATOR)


@pytest.mark.parametrize("form", ["Bearer {}", "bearer {}", "BEARER {}", "Bearer   {}", " Bearer {} ", "Bearer\t{}"])
@pytest.mark.parametrize("place", [HERE, AWAY])
def test_a_token_is_what_it_is_however_it_is_written(
    house: Doors, tmp_path: Path, form: str, place: dict[str, str]
) -> None:
    secret, token = house.tokens.create("anna", "home", Role.VIEWER, None)
    found = who(house, tmp_path, {**place, "HTTP_AUTHORIZATION": form.format(secret)})
    assert found == Identity(Role.VIEWER, "Anna", "token", token.id, "home")
    assert found.came_by == "token:home"


@pytest.mark.parametrize(
    "told", ["Bearer", "Bearer ", "bearer x", "Bearer {0}x", "Bearer {0},Bearer {0}", "Bearer x {0}"]
)
@pytest.mark.parametrize("place", [HERE, AWAY])
def test_a_token_that_is_none_is_refused_also_where_nobody_is_asked(
    house: Doors, tmp_path: Path, told: str, place: dict[str, str]
) -> None:
    secret, _ = house.tokens.create("anna", "home", Role.VIEWER, None)
    with pytest.raises(BadToken):
        who(house, tmp_path, {**place, "HTTP_AUTHORIZATION": told.format(secret)})


@pytest.mark.parametrize("told", ["", "Basic YW5uYTp4", "Digest x", "Bearerx {0}", "{0}", "Token {0}"])
def test_other_ways_to_say_who_one_is_are_not_heard(house: Doors, tmp_path: Path, told: str) -> None:
    secret, _ = house.tokens.create("anna", "home", Role.VIEWER, None)
    assert who(house, tmp_path, {**AWAY, "HTTP_AUTHORIZATION": told.format(secret)}) is None


def with_login(house: Doors, name: str = "anna") -> dict[str, str]:
    house.logins.begin(house.accounts.get(name), "the-session", Visitor("192.0.2.7", ""), is_remembered=False)
    return {"HTTP_COOKIE": f"a=b; backup_manager={IDS.write('the-session')}"}


def test_a_login_is_a_session_that_was_signed_here(house: Doors, tmp_path: Path) -> None:
    cookie = with_login(house)
    assert who(house, tmp_path, AWAY | cookie) == Identity(Role.OPERATOR, "Anna", "session", digest_of("the-session"))
    signed = IDS.write("the-session")
    others = SessionIds("a key of another one").write("the-session")
    for forged in ("the-session", others, signed[:-1], f"x{signed}", signed.upper(), "", '"', "é"):
        assert who(house, tmp_path, {**AWAY, "HTTP_COOKIE": f"backup_manager={forged}"}) is None
        assert (
            who(house, tmp_path, {**AWAY, "HTTP_COOKIE": f"xbackup_manager={signed}; backup_manager={forged}"}) is None
        )


def test_a_cookie_of_another_program_on_this_host_is_in_nobodys_way(house: Doors, tmp_path: Path) -> None:
    signed = IDS.write("the-session")
    with_login(house)
    for odd in ("name=Jos\xe9", "a", "=", "b=\xff\x00", 'c="'):
        assert who(house, tmp_path, {**AWAY, "HTTP_COOKIE": f"{odd}; backup_manager={signed}"}) is not None


def test_here_a_login_names_whoever_asks_and_takes_nothing_away(house: Doors, tmp_path: Path) -> None:
    cookie = with_login(house)
    assert who(house, tmp_path, HERE | cookie) == Identity(Role.ADMINISTRATOR, "Anna", "open", digest_of("the-session"))


def test_a_token_goes_before_a_login(house: Doors, tmp_path: Path) -> None:
    secret, _ = house.tokens.create("root", "home", Role.VIEWER, None)
    found = who(house, tmp_path, {**AWAY, **with_login(house), "HTTP_AUTHORIZATION": f"Bearer {secret}"})
    assert found is not None
    assert (found.name, found.role, found.credential) == ("root", Role.VIEWER, "token")


# A proxy that logs people in


@pytest.mark.parametrize("sender", ["10.0.0.1", "10.1.2.3", "::ffff:10.0.0.1"])
def test_a_proxy_of_ours_says_who_it_is(house: Doors, tmp_path: Path, sender: str) -> None:
    told = {**AWAY, "REMOTE_ADDR": sender, "HTTP_REMOTE_USER": "ANNA"}
    assert who(house, tmp_path, told, **PROXIES) == Identity(Role.OPERATOR, "Anna", "proxy")
    assert who(house, tmp_path, told) is None, "where no such proxy is set up"


@pytest.mark.parametrize("sender", ["192.0.2.7", "10.0.0.2", "10.2.0.1", "127.0.0.1", "::1", "", "unix:", "10.0.0.1 "])
def test_from_others_the_header_is_nothing(house: Doors, tmp_path: Path, sender: str) -> None:
    told = {**AWAY, "REMOTE_ADDR": sender, "HTTP_REMOTE_USER": "root", "HTTP_X_FORWARDED_FOR": "10.0.0.1"}
    assert who(house, tmp_path, told, **PROXIES) is None


def test_the_sender_is_who_sent_it_and_not_who_it_is_said_to_be_for(house: Doors, tmp_path: Path) -> None:
    for_us = {**AWAY, "HTTP_REMOTE_USER": "anna", "REMOTE_ADDR": "203.0.113.5"}
    by_proxy = {**for_us, "werkzeug.proxy_fix.orig": {"REMOTE_ADDR": "10.0.0.1"}}
    assert who(house, tmp_path, by_proxy, **PROXIES) == Identity(Role.OPERATOR, "Anna", "proxy")
    spoofed = {**for_us, "REMOTE_ADDR": "10.0.0.1", "werkzeug.proxy_fix.orig": {"REMOTE_ADDR": "203.0.113.5"}}
    assert who(house, tmp_path, spoofed, **PROXIES) is None


@pytest.mark.parametrize("name", ["nobody", "root,anna", "anna, root", "root\x00", " root", "*", "root "])
def test_a_name_that_is_none_lets_nobody_in(house: Doors, tmp_path: Path, name: str) -> None:
    with pytest.raises(UnknownToUs):
        who(house, tmp_path, {**AWAY, "REMOTE_ADDR": "10.0.0.1", "HTTP_REMOTE_USER": name}, **PROXIES)


def test_a_visitor_cannot_name_the_proxys_address(config: ServerConfig) -> None:
    environ = {
        "BACKUP_MANAGER_DATA_DIR": str(config.data_dir), "BACKUP_MANAGER_ALLOWED_HOSTS": AFAR,
        "BACKUP_MANAGER_TRUSTED_PROXIES": "1", **PROXIES,
    }  # fmt: skip
    app = quickly(create_app(fakes.container(), read_environment(environ)))
    doors(app).accounts.create("root", Role.ADMINISTRATOR, PASSWORD)
    for sender, is_in in (("203.0.113.5", False), ("10.0.0.1", True)):
        answer = Person(app, sender).get("/account/", Remote_User="root", X_Forwarded_For="10.0.0.1")
        assert (answer.status_code == 200) is is_in


def test_whom_a_proxy_lets_in_still_needs_the_token_of_a_form(config: ServerConfig) -> None:
    environ = {"BACKUP_MANAGER_DATA_DIR": str(config.data_dir), "BACKUP_MANAGER_ALLOWED_HOSTS": AFAR, **PROXIES}
    app = create_app(fakes.container(), read_environment(environ))
    doors(app).accounts.create("root", Role.ADMINISTRATOR, None)
    person, named = Person(app, "10.0.0.1"), {"Remote-User": "root"}
    for headers in ({"Origin": "http://evil.example"}, {"Origin": person.base}):
        sent = {"name": "x", "role": "viewer", "by_proxy": "1"}
        answer = person.client.post("/accounts/add", base_url=person.base, data=sent, headers=headers | named)
        assert answer.status_code == 403
    assert len(doors(app).accounts.all()) == 1


def test_whom_a_proxy_lets_in_is_no_script_that_needs_no_token(config: ServerConfig) -> None:
    environ = {"BACKUP_MANAGER_DATA_DIR": str(config.data_dir), "BACKUP_MANAGER_ALLOWED_HOSTS": AFAR, **PROXIES}
    app = create_app(fakes.container(), read_environment(environ))
    doors(app).accounts.create("root", Role.ADMINISTRATOR, None)
    secret, _ = doors(app).tokens.create("root", "nightly", Role.ADMINISTRATOR, None)
    person, named = Person(app, "10.0.0.1"), {"Remote-User": "root"}
    job = {"name": "Photos", "type": "rsync", "source": "/srv/a", "dest": "/srv/b"}
    for headers, status in ((named, 403), (named | {"Authorization": f"Bearer {secret}"}, 201)):
        answer = person.client.post("/api/v1/jobs", base_url=person.base, json=job, headers=headers)
        assert answer.status_code == status


# Where the accounts cannot be read


def test_broken_accounts_let_nobody_in_and_stop_nobody_here(house: Doors, tmp_path: Path) -> None:
    cookie = with_login(house)
    secret, _ = house.tokens.create("anna", "home", Role.VIEWER, None)
    (tmp_path / "data/accounts.json").write_text("{")
    assert who(house, tmp_path, HERE | cookie) == Identity(Role.ADMINISTRATOR)
    for told in (AWAY | cookie, {**HERE, "HTTP_AUTHORIZATION": f"Bearer {secret}"}):
        with pytest.raises(StoreBroken):
            who(house, tmp_path, told)


# Connections that stay


def test_what_still_stands(house: Doors, tmp_path: Path) -> None:
    asked, cookie = gate(house, tmp_path), with_login(house)
    secret, token = house.tokens.create("anna", "home", Role.OPERATOR, None)
    login = asked.who(AWAY | cookie)
    by_token = asked.who({**AWAY, "HTTP_AUTHORIZATION": f"Bearer {secret}"})
    by_proxy, nobody = Identity(Role.OPERATOR, "Anna", "proxy"), Identity(Role.ADMINISTRATOR)
    assert login is not None
    assert by_token is not None
    everybody = [login, by_token, by_proxy, nobody]
    assert [asked.still(one) for one in everybody] == everybody
    house.logins.end("the-session")
    assert [asked.still(one) for one in everybody] == [None, by_token, by_proxy, nobody]
    house.accounts.set_role("anna", Role.VIEWER)
    assert [asked.still(one) for one in everybody] == [None, None, None, nobody]
    assert asked.still(replace(by_token, role=Role.VIEWER)) is not None
    house.tokens.revoke(token.id)
    assert asked.still(replace(by_token, role=Role.VIEWER)) is None
    house.accounts.remove("anna")
    assert asked.still(replace(by_proxy, role=Role.VIEWER)) is None


def test_nothing_that_is_printed_lets_anybody_in(house: Doors, tmp_path: Path) -> None:
    secret, _ = house.tokens.create("anna", "home", Role.OPERATOR, None)
    found = who(house, tmp_path, {**AWAY, "HTTP_AUTHORIZATION": f"Bearer {secret}"})
    assert secret not in repr(found)
    assert secret not in str(BadToken())


def test_a_socket_is_judged_like_a_page(app: Flask) -> None:
    job = build.job()
    app.extensions["container"].jobs.jobs[job.id] = job
    path = "/socket.io/?EIO=4&transport=polling"
    doors(app).accounts.create("anna", Role.VIEWER, None)
    secret, token = doors(app).tokens.create("anna", "home", Role.VIEWER, None)
    client = app.test_client()
    client.environ_base["HTTP_VIA"] = "1.1 proxy"
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get(path).status_code == 403
    assert client.get(path, headers=headers).status_code == 200
    doors(app).tokens.revoke(token.id)
    assert client.get(path, headers=headers).status_code == 403
