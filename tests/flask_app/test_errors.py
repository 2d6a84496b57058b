"""Refusals and failures, in the form that the caller can show."""

import errno

import pytest
from flask import Flask
from flask.testing import FlaskClient

from flask_app.roles import VIEWER, needs
from models.errors import InvalidInput, JobBusy, StoreUnavailable

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def failing(app: Flask) -> None:
    @needs(VIEWER)
    def busy() -> str:
        raise JobBusy("Photos is <b>running</b>.")

    @needs(VIEWER)
    def broken() -> str:
        raise ZeroDivisionError("secret detail")

    @needs(VIEWER)
    def invalid() -> str:
        raise InvalidInput({"name": "Too long."})

    @needs(VIEWER)
    def unwritable() -> str:
        raise StoreUnavailable("The data folder is full.")

    views = {"dashboard.stats": busy, "dashboard.active_jobs": broken, "api.stats": busy, "api.tools": broken}
    app.view_functions.update(views | {"api.list_jobs": invalid, "dashboard.recent_activity": unwritable})


def test_a_page_gets_a_page_with_the_sentence_escaped(client: FlaskClient) -> None:
    answer = client.get("/stats")
    assert answer.status_code == 409
    assert "<html" in answer.text
    assert "Photos is &lt;b&gt;running&lt;/b&gt;" in answer.text


def test_htmx_gets_a_fragment(client: FlaskClient) -> None:
    answer = client.get("/stats", headers=HTMX)
    assert answer.status_code == 409
    assert "<html" not in answer.text
    assert "Photos is &lt;b&gt;running&lt;/b&gt;" in answer.text


def test_the_api_gets_json_with_a_code(client: FlaskClient) -> None:
    answer = client.get("/api/v1/stats")
    assert answer.status_code == 409
    assert answer.json == {"status": "error", "error": {"code": "job_busy", "message": "Photos is <b>running</b>."}}


@pytest.mark.parametrize(("inside", "status"), [(True, 503), (False, 500)])
def test_a_file_of_ours_that_cannot_be_used_is_named_and_no_defect(app: Flask, inside: bool, status: int) -> None:
    place = str(app.config["SERVER"].data_dir / "active") if inside else "/srv/secret"

    @needs(VIEWER)
    def refused() -> str:
        raise PermissionError(errno.EACCES, "Permission denied", place)

    app.view_functions["api.list_jobs"] = refused
    answer = app.test_client().get("/api/v1/jobs")
    assert (answer.status_code, place in answer.text) == (status, inside)


def test_bad_fields_are_told_by_name(client: FlaskClient) -> None:
    answer = client.get("/api/v1/jobs")
    assert answer.status_code == 422
    assert answer.json
    assert answer.json["error"]["fields"] == {"name": "Too long."}


@pytest.mark.parametrize("path", ["/active-jobs", "/api/v1/tools"])
def test_a_defect_is_said_without_its_details_and_logged_with_them(
    client: FlaskClient, path: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = client.get(path)
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "Something went wrong" not in answer.text


def test_an_unwritable_folder_is_503(client: FlaskClient) -> None:
    answer = client.get("/recent-activity")
    assert answer.status_code == 503
    assert "The data folder is full" in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/v1/nowhere", 404, "not_found"),
        ("DELETE", "/api/v1/jobs", 405, "method_not_allowed"),
        ("GET", "/api/v1/jobs/none", 404, "job_not_found"),
        ("GET", "/api/v1/runs/none", 404, "run_not_found"),
    ],
)
def test_http_errors_of_the_api_are_json(client: FlaskClient, method: str, path: str, status: int, code: str) -> None:
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert answer.json
    assert answer.json["error"]["code"] == code


def test_a_wrong_method_says_which_are_right(client: FlaskClient) -> None:
    assert "GET" in client.delete("/api/v1/jobs").headers["Allow"]


def test_an_unknown_page_has_a_way_back(client: FlaskClient) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert 'href="/"' in answer.text


def test_a_page_that_reports_a_failure_does_not_fail_itself(app: Flask, client: FlaskClient) -> None:
    def broken(*_: object) -> object:
        raise ZeroDivisionError

    app.jinja_env.globals["frame"] = broken
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "There is no such page. Check the address." in answer.text
