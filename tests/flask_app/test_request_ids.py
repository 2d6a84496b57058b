"""Lines of the process log and answers find each other."""

import json
import logging
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from flask_app import create_app
from flask_app.config import ServerConfig, read_environment
from flask_app.structured_log import configure_logging
from models.errors import RunNotFound
from tests import fakes
from utils.clock import SystemClock
from utils.ids import new_run_id

OWN = re.compile(r"[0-9a-f]{16}")


@pytest.mark.parametrize(
    "path", ["/", "/healthz", "/nowhere", "/api/v1/nothing", "/socket.io/?EIO=4&transport=polling"]
)
@pytest.mark.parametrize("host", ["localhost", "evil.example"])
def test_every_answer_carries_an_id_of_its_own(client: FlaskClient, path: str, host: str) -> None:
    ids = [client.get(path, headers={"Host": host}, buffered=True).headers.getlist("X-Request-ID") for _ in range(2)]
    assert all(len(each) == 1 and OWN.fullmatch(each[0]) for each in ids)
    assert ids[0] != ids[1]


def behind_proxy(config: ServerConfig) -> FlaskClient:
    environ = {"BACKUP_MANAGER_DATA_DIR": str(config.data_dir), "BACKUP_MANAGER_TRUSTED_PROXIES": "1"}
    return create_app(fakes.container(), read_environment(environ)).test_client()


def told(client: FlaskClient, request_id: str) -> str:
    return client.get("/healthz", headers={"X-Request-ID": request_id}).headers["X-Request-ID"]


def test_a_visitor_cannot_choose_the_id(client: FlaskClient) -> None:
    assert OWN.fullmatch(told(client, "chosen-by-visitor"))


def test_a_trusted_proxys_id_is_taken(config: ServerConfig) -> None:
    assert told(behind_proxy(config), "4bf92f3577b34da6a3ce929d0e0e4736") == "4bf92f3577b34da6a3ce929d0e0e4736"


@pytest.mark.parametrize("odd", ["short", "x" * 129, "with space in it", "quote'and\\more", "<script>alert(1)", ""])
def test_an_id_that_is_no_plain_word_is_replaced_also_from_a_proxy(config: ServerConfig, odd: str) -> None:
    assert OWN.fullmatch(told(behind_proxy(config), odd))


def failing(app: Flask, path: str, capsys: pytest.CaptureFixture[str]) -> tuple[str, dict[str, str]]:
    """The answer's id and the line that the log has of the failure."""
    configure_logging("json")
    answer = app.test_client().get(path)
    assert answer.status_code == 500
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    (line,) = [line for line in lines if line["event"] == "request failed"]
    return answer.headers["X-Request-ID"], line


def test_the_line_of_a_failed_request_has_its_id_and_the_run_it_was_about(
    app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_self: object, _run_id: str) -> None:
        raise RuntimeError("a defect")

    monkeypatch.setattr(fakes.FakeManager, "run", fail)
    run_id = new_run_id(SystemClock().now())
    request_id, line = failing(app, f"/api/v1/runs/{run_id}", capsys)
    assert (line["request_id"], line["run_id"]) == (request_id, run_id)
    request_id, line = failing(app, "/api/v1/runs/no-run-id-at-all", capsys)
    assert line["request_id"] == request_id
    assert "run_id" not in line


def test_a_librarys_line_within_a_request_has_the_id_as_well(
    app: Flask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def log(_self: object, _run_id: str) -> None:
        logging.getLogger("some.library").warning("odd")
        raise RunNotFound

    monkeypatch.setattr(fakes.FakeManager, "run", log)
    configure_logging("json")
    ids = [app.test_client().get("/api/v1/runs/x").headers["X-Request-ID"] for _ in range(2)]
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["request_id"] for line in lines if line["event"] == "odd"] == ids
