"""Watchdogs' questions."""

import os
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engines.base import ToolState


def test_a_process_that_answers_is_healthy(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})


def test_a_server_with_folder_and_tool_is_ready(client: FlaskClient) -> None:
    assert client.get("/readyz").status_code == 200


def test_a_missing_tool_is_named(core: Any, client: FlaskClient) -> None:
    core.tools = SimpleNamespace(all=lambda: (ToolState("rsync", None, "rsync is not installed."),))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json
    assert answer.json["reasons"] == ["rsync is not installed."]


def test_a_missing_folder_is_named(app: Flask) -> None:
    folder = app.config["SERVER"].data_dir
    folder.rename(folder.with_name("elsewhere"))
    answer = app.test_client().get("/readyz")
    assert answer.status_code == 503
    assert str(folder) in answer.text


def test_what_another_user_wrote_there_is_named(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = app.config["SERVER"].data_dir / "runs"
    theirs.mkdir(exist_ok=True)
    monkeypatch.setattr(os, "access", lambda path, mode: os.fspath(path) != str(theirs))
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, str(theirs) in answer.text) == (503, True)
