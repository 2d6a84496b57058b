"""Sessions: what reaches the browser, what reaches the disk, and what is not believed."""

import json
from pathlib import Path

import pytest
from flask import Flask, session
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf

from flask_app.roles import VIEWER, needs


@pytest.fixture
def folder(app: Flask) -> Path:
    found: Path = app.config["SERVER"].data_dir / "sessions"
    return found


@pytest.fixture(autouse=True)
def views(app: Flask) -> None:
    app.add_url_rule("/logs/", "test.token")

    @needs(VIEWER)
    def token() -> str:
        return str(generate_csrf())

    @needs(VIEWER)
    def remember() -> str:
        session["note"] = "kept"
        return str(generate_csrf())

    @needs(VIEWER)
    def forget() -> str:
        session.pop("note", None)
        return ""

    @needs(VIEWER)
    def note() -> str:
        return str(session.get("note", ""))

    app.view_functions["test.token"] = token
    app.view_functions["logs.index"] = token
    app.view_functions["settings.index"] = remember
    app.view_functions["dashboard.stats"] = forget
    app.view_functions["dashboard.index"] = note


def files(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if not path.read_bytes()[4:].isdigit()]


def test_a_page_with_a_token_sets_a_cookie_and_writes_no_file(client: FlaskClient, folder: Path) -> None:
    answer = client.get("/logs/")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("backup_manager=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert files(folder) == []
    assert "Set-Cookie" not in client.get("/logs/").headers


def test_over_https_the_cookie_stays_on_https(client: FlaskClient) -> None:
    assert "Secure" not in client.get("/logs/").headers["Set-Cookie"]
    client.delete_cookie("backup_manager")
    assert "Secure" in client.get("/logs/", base_url="https://localhost").headers["Set-Cookie"]


def test_what_needs_no_session_sets_no_cookie(client: FlaskClient) -> None:
    for path in ("/healthz", "/api/v1/jobs", "/static/css/output.css"):
        assert "Set-Cookie" not in client.get(path, buffered=True).headers


def test_something_to_remember_is_a_private_file_of_plain_json(client: FlaskClient, folder: Path) -> None:
    client.get("/settings/")
    (file,) = files(folder)
    assert file.stat().st_mode & 0o777 == 0o600
    assert json.loads(file.read_bytes()[4:])["note"] == "kept"
    assert client.get("/").text == "kept"
    client.get("/stats")
    assert files(folder) == []
    assert client.get("/").text == ""


def test_an_id_that_we_did_not_sign_is_not_taken(client: FlaskClient) -> None:
    for forged in ("planted", "planted.signature", "é", ""):
        client.set_cookie("backup_manager", forged)
        assert client.get("/logs/").headers["Set-Cookie"].startswith("backup_manager=")


def test_a_planted_pickle_is_not_run(client: FlaskClient, folder: Path) -> None:
    client.get("/settings/")
    (file,) = files(folder)
    file.write_bytes(file.read_bytes()[:4] + b"cos\nsystem\n(S'touch " + str(folder / "ran").encode() + b"'\ntR.")
    assert client.get("/").text == ""
    assert not (folder / "ran").exists()
