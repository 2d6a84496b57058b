"""`users` and `tokens`: accounts from the console, while the server of the same folder runs."""

import json
import os
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

from flask_app import create_app
from flask_app.config import ServerConfig
from models.role import Role
from tests import fakes
from tests.core.gatehouse import VISITOR
from tests.flask_app.people import OTHER, PASSWORD, doors, quickly
from tests.servers import ROOT

FLASK = str(Path(sysconfig.get_path("scripts")) / "flask")


@pytest.fixture
def app(config: ServerConfig) -> Flask:
    return quickly(create_app(fakes.container(), config))


def run(app: Flask, *words: str, status: int = 0, typed: str = "") -> Result:
    done = app.test_cli_runner().invoke(args=list(words), input=typed)
    assert done.exit_code == status, done.output
    return done


def told(app: Flask, *words: str, status: int = 0, typed: str = "") -> Any:
    return json.loads(run(app, *words, "--json", status=status, typed=typed).stdout)


def test_the_real_command_makes_an_account_that_the_servers_know(app: Flask, config: ServerConfig) -> None:
    def flask(*words: str, typed: str = "") -> str:
        done = subprocess.run(
            [FLASK, "--app", "flask_app", *words], input=typed, capture_output=True, text=True, cwd=ROOT, timeout=90,
            env=os.environ | {"BACKUP_MANAGER_DATA_DIR": str(config.data_dir)}, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert PASSWORD not in done.stdout + done.stderr
        return done.stdout

    assert doors(app).accounts.is_empty()
    added = flask("users", "add", "anna", "--role", "administrator", "--password-stdin", typed=f"{PASSWORD}\n")
    assert added == "Account anna added: administrator.\n"
    assert (config.data_dir / "accounts.json").stat().st_mode & 0o777 == 0o600
    secret = flask("tokens", "create", "home", "--user", "anna", "--role", "viewer").strip()
    judged = doors(app).tokens.judge(secret)
    assert judged is not None
    assert (judged.account.name, judged.role) == ("anna", Role.VIEWER)


def test_a_password_is_typed_twice_and_never_shown(app: Flask) -> None:
    typed = f"{PASSWORD}\n{PASSWORD}\n"
    done = run(app, "users", "add", "anna", typed=typed)
    assert "Account anna added: viewer." in done.stdout
    assert PASSWORD not in done.output
    run(app, "users", "passwd", "anna", typed=f"{OTHER}\nsomething else\n{OTHER}\n{OTHER}\n")
    assert doors(app).accounts.verified("anna", OTHER)
    run(app, "users", "passwd", "anna", typed=f"{PASSWORD}\n", status=1)
    assert doors(app).accounts.verified("anna", OTHER)


def test_without_a_terminal_a_password_is_asked_for_nowhere(app: Flask, config: ServerConfig) -> None:
    done = subprocess.run(
        [FLASK, "--app", "flask_app", "users", "add", "anna"], capture_output=True, text=True, cwd=ROOT, timeout=90,
        stdin=subprocess.DEVNULL, start_new_session=True, check=False,
        env=os.environ | {"BACKUP_MANAGER_DATA_DIR": str(config.data_dir)},
    )  # fmt: skip
    assert (done.returncode, "--password-stdin" in done.stderr, "Warning" in done.stderr) == (2, True, False)
    assert doors(app).accounts.is_empty()


def test_a_life(app: Flask) -> None:
    assert run(app, "users", "list").stdout.startswith("No account yet.")
    made = told(app, "users", "add", "anna", "--role", "administrator", "--password-stdin", typed=PASSWORD)
    assert (made["name"], made["role"], made["has_password"], made["logins"]) == ("anna", "administrator", True, 0)
    told(app, "users", "add", "bert", "--without-password")
    doors(app).logins.begin(doors(app).accounts.get("anna"), "session", VISITOR, is_remembered=False)
    assert [(one["name"], one["has_password"], one["logins"]) for one in told(app, "users", "list")] == [
        ("anna", True, 1),
        ("bert", False, 0),
    ]
    assert "bert  viewer" in run(app, "users", "list").stdout
    assert told(app, "users", "role", "BERT", "administrator")["role"] == "administrator"
    assert told(app, "users", "passwd", "anna", "--password-stdin", typed=f"{OTHER}\n")["logins"] == 0
    assert told(app, "users", "remove", "anna")["name"] == "anna"
    refused = told(app, "users", "remove", "bert", status=1)
    assert refused["error"]["code"] == "last_administrator"


@pytest.mark.parametrize(
    ("words", "typed", "status", "sentence"),
    [
        (["users", "add", "anna", "--password-stdin"], "short", 2, "password: A password has at least 10"),
        (["users", "add", "a/b", "--without-password"], "", 2, "name: Use 1 to 64 letters"),
        (["users", "add", "ROOT", "--without-password"], "", 2, "name: There is an account of that name."),
        (["users", "passwd", "nobody", "--password-stdin"], PASSWORD, 1, "There is no such account."),
        (["users", "role", "nobody", "viewer"], "", 1, "There is no such account."),
        (["users", "role", "root", "viewer"], "", 1, "This is the last administrator."),
        (["users", "role", "root", "emperor"], "", 2, "emperor"),
        (["users", "remove", "nobody"], "", 1, "There is no such account."),
        (["tokens", "create", "x", "--user", "nobody"], "", 1, "There is no such account."),
        (["tokens", "create", "x", "--user", "root", "--days", "-1"], "", 2, "days: Choose 1 to 3650 days"),
        (["tokens", "create", " ", "--user", "root"], "", 2, "name: Name it after"),
        (["tokens", "revoke", "nope"], "", 1, "There is no such token."),
    ],
)
def test_a_refusal_is_a_sentence_and_a_status(
    app: Flask, words: list[str], typed: str, status: int, sentence: str
) -> None:
    doors(app).accounts.create("root", Role.ADMINISTRATOR, None)
    before = doors(app).accounts.all()
    done = run(app, *words, typed=typed, status=status)
    assert sentence in done.stderr
    assert "Traceback" not in done.output
    assert doors(app).accounts.all() == before
    assert doors(app).tokens.all() == []


def test_a_token_is_printed_once_alone_on_its_line(app: Flask) -> None:
    doors(app).accounts.create("anna", Role.OPERATOR, None)
    done = run(app, "tokens", "create", "home", "--user", "ANNA")
    secret = done.stdout.strip()
    assert doors(app).tokens.judge(secret)
    assert "It is not shown again." in done.stderr
    (token,) = doors(app).tokens.all()
    assert (token.account, token.role) == ("anna", Role.OPERATOR)
    assert token.expires_at is not None
    listed = run(app, "tokens", "list")
    assert secret not in listed.stdout
    assert token.id in listed.stdout
    assert run(app, "tokens", "revoke", token.id).stdout == "Token home of anna revoked.\n"
    assert doors(app).tokens.judge(secret) is None
    for_ever = told(app, "tokens", "create", "home", "--user", "anna", "--days", "0", "--role", "viewer")
    assert for_ever["expires_at"] is None
    assert doors(app).tokens.judge(for_ever["token"])


def test_a_broken_file_is_told_and_left(app: Flask, config: ServerConfig) -> None:
    (config.data_dir / "accounts.json").write_text("{")
    for words in (["users", "list"], ["users", "add", "anna", "--without-password"], ["tokens", "list"]):
        done = run(app, *words, status=1)
        assert "accounts.json in the data folder cannot be read" in done.stderr
        assert "Traceback" not in done.output
    assert (config.data_dir / "accounts.json").read_text() == "{"


def test_no_record_holds_a_secret(app: Flask) -> None:
    run(app, "users", "add", "anna", "--role", "administrator", "--password-stdin", typed=PASSWORD)
    run(app, "users", "passwd", "anna", "--password-stdin", typed=OTHER)
    secret = run(app, "tokens", "create", "home", "--user", "anna").stdout.strip()
    records = app.extensions["container"].audit.records
    assert [(one.action, one.outcome, one.names) for one in records] == [
        ("account.create", "done", ("anna", "administrator")),
        ("account.password", "done", ("anna",)),
        ("token.create", "done", ("anna", "home")),
    ]
    for hidden in (PASSWORD, OTHER, secret):
        assert hidden not in repr(records)
