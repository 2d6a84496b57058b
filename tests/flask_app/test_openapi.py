"""The OpenAPI document against the routes that exist and against what the API really answers; and its page."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from flask_app.api_operations import OPERATIONS
from models.findings import Deletion, Finding, Tally, Verification
from models.progress import Progress
from models.run import Outcome, RunState
from storage.findings import FindingsLog
from tests.flask_app.json_schemas import faults
from tests.flask_app.pages import Pages

BODY = {"name": "Photos", "type": "rsync", "source": "/srv/photos/", "dest": "/srv/backup"}
YAML = "jobs:\n- {name: A, type: rsync, source: /, dest: /x, settings: {colour: blue}}\n- {name: B}\n"


def document_of(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/api/openapi.json")
    assert answer.json
    return dict(answer.json)


def test_every_call_of_the_url_map_is_in_it_and_nothing_else(app: Flask) -> None:
    real = {
        (re.sub(r"<(?:[^:>]*:)?([^>]*)>", r"{\1}", rule.rule), method.lower())
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    paths = document_of(app.test_client())["paths"]
    assert {(path, method) for path, methods in paths.items() for method in methods} == real
    assert OPERATIONS.keys() <= app.view_functions.keys()


def test_it_is_a_whole_document_of_that_version(client: FlaskClient) -> None:
    document = document_of(client)
    assert document["openapi"].startswith("3.1.")
    assert document["info"].keys() >= {"title", "version"}
    text = client.get("/api/openapi.json").text
    named = set(re.findall(r'"\$ref":\s*"#/components/schemas/([^"]+)"', text))
    assert named - document["components"]["schemas"].keys() == set(), "every reference leads somewhere"
    assert named, "the models are shared by name"
    ids = [call["operationId"] for methods in document["paths"].values() for call in methods.values()]
    assert len(ids) == len(set(ids))
    for path, methods in document["paths"].items():
        for call in methods.values():
            told = {one["name"] for one in call["parameters"] if one["in"] == "path"}
            assert told == set(re.findall(r"{(\w+)}", path))


class Checked:
    """A caller that compares every answer with the document."""

    def __init__(self, client: FlaskClient) -> None:
        self.client, self.document = client, document_of(client)
        self.seen: set[tuple[str, str, int]] = set()

    def __call__(self, method: str, path: str, **more: Any) -> TestResponse:
        answer = self.client.open(f"/api/v1{path}", method=method, **more)
        template, call = self._call(method, f"/api/v1{path.partition('?')[0]}")
        told = self._resolved(call["responses"].get(str(answer.status_code), {}))
        assert told, f"{method} {path}: {answer.status_code} is not in the document"
        self.seen.add((template, method, answer.status_code))
        content = told.get("content", {})
        assert answer.mimetype in content or not answer.data, (path, answer.mimetype)
        if answer.mimetype == "application/json" and answer.data:
            assert faults(answer.json, content["application/json"]["schema"], self.document) == []
        assert told.get("headers", {}).keys() - {"Idempotency-Replayed"} <= set(answer.headers.keys())
        return answer

    def _resolved(self, told: dict[str, Any]) -> dict[str, Any]:
        """A response that any call may give stands in one place."""
        return self.document["components"]["responses"][told["$ref"].rpartition("/")[2]] if "$ref" in told else told

    def _call(self, method: str, path: str) -> tuple[str, Any]:
        for template, methods in self.document["paths"].items():
            if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path) and method.lower() in methods:
                return template, methods[method.lower()]
        raise AssertionError(f"{method} {path} is not in the document")


def test_what_the_api_answers_about_jobs_is_what_it_says(client: FlaskClient, core: Any) -> None:
    ask = Checked(client)
    job = (ask("POST", "/jobs", json=BODY).json or {})["data"]
    path = f"/jobs/{job['id']}"
    ask("GET", path)
    ask("GET", "/jobs?per_page=5")
    ask("GET", "/jobs?per_page=0")
    ask("PUT", path, json=BODY)
    ask("PATCH", path, json={"settings": {"ssh": {"port": 22}}})
    ask("PATCH", path, json={"settings": {"ssh": {"port": 0}}})
    ask("PATCH", path, data="a=b", content_type="text/plain")
    ask("PUT", path, json=BODY, headers={"If-Match": '"x"'})
    ask("POST", "/jobs", json={**BODY, "owner": "me"})
    for word in ("preview", "verify", "start"):
        ask("POST", f"{path}/{word}")
        ask("POST", f"{path}/{word}")
        ask("GET", path)
        core.manager.recorded.clear()
    ask("POST", f"{path}/start", json={"x": 1})
    ask("POST", f"{path}/start")
    ask("POST", f"{path}/pause")
    core.manager.recorded.clear()
    ask("POST", f"{path}/cancel")
    ask("GET", "/stats")
    ask("GET", "/tools")
    ask("GET", "/settings")
    ask("DELETE", path)
    for method, more in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/start"), ("GET", "/runs")):
        ask(method, f"{path}{more}", json=BODY if method == "PUT" else None)
    assert {status for _, _, status in ask.seen} == {200, 201, 202, 204, 404, 409, 412, 415, 422}


@pytest.mark.parametrize("state", list(RunState))
def test_a_run_in_every_state_is_what_it_says(pages: Pages, state: RunState) -> None:
    ask, job = Checked(pages._client), pages.job()
    run = pages.run(
        job, state, outcome=Outcome("Why.", "Next.", 11, 9, ("a",), 1), progress=Progress(5, 10, 50.0, 2, 3, 1, 4, "a"),
        verification=Verification("checksum", 4, 40, passed=False), deletion=Deletion("per_file"),
        tallies=(Tally("mismatch", 1, 10),),
    )  # fmt: skip
    log = FindingsLog(pages.core.folder, job.id, run.id)
    log.add([Finding("missing", b"\xff\n"), Finding("verified", b"x", 4)])
    log.flush()
    for path in (f"/jobs/{job.id}", f"/jobs/{job.id}/runs", "/jobs", f"/runs/{run.id}", "/stats"):
        ask("GET", path)
    for path in (f"/runs/{run.id}/log", f"/runs/{run.id}/findings", "/runs/none", "/runs/none/log"):
        ask("GET", path)
    ask("GET", f"/runs/{run.id}/findings?what=odd")
    ask("GET", f"/runs/{run.id}/log?offset=-1")


def test_what_it_answers_about_the_installation_is_what_it_says(pages: Pages) -> None:
    ask, job = Checked(pages._client), pages.job()
    for path in ("/settings", "/tools", "/stats", "/export", "/remotes", f"/jobs/{job.id}/browse", "/jobs/none/browse"):
        ask("GET", path)
    ask("PUT", "/settings", json={"max_retry_attempts": 3})
    ask("PUT", "/settings", json={"max_retry_attempts": 0})
    ask("POST", "/import", data=YAML)
    ask("POST", "/import", data=YAML, content_type="application/yaml")
    dry = ask("POST", "/import?dry_run=1", data=YAML, content_type="application/yaml")
    assert len((dry.json or {})["data"]["jobs"]) == 2
    alone = YAML.rpartition("- {name: B}")[0].replace("source: /,", f"source: {job.source},")
    assert ask("POST", "/import", data=alone, content_type="application/yaml").status_code == 201
    ask("POST", "/remotes/none/test")
    for word in ("restore", "rehearse", "runs/none/retry-failed", "runs/none/resume"):
        ask("POST", f"/jobs/{job.id}/{word}", json={})
        ask("POST", f"/jobs/{job.id}/{word}", json={"odd": 1})
        ask("POST", f"/jobs/none/{word}", json={})


def test_the_page_shows_every_call_with_its_fields_and_needs_no_script(client: FlaskClient) -> None:
    page = client.get("/docs")
    assert page.status_code == 200
    for path, methods in document_of(client)["paths"].items():
        for method, call in methods.items():
            assert f'id="{call["operationId"]}"' in page.text
            assert f"{method.upper()}</b> <code>{path}</code> {call['summary']}".replace("'", "&#39;") in page.text
    for field in ("settings.ssh.port", "data.progress.percent", "Idempotency-Key", "data.jobs[].not_understood"):
        assert field in page.text
    assert "1 to 65,535" in page.text


def test_the_checker_sees_what_does_not_fit() -> None:
    """Else the tests above prove nothing."""
    schema = {"type": "object", "properties": {"a": {"type": ["integer", "null"]}}, "required": ["a"]}
    document = {"components": {"schemas": {"X": schema}}}
    assert faults({"a": None}, {"$ref": "#/components/schemas/X"}, document) == []
    odd: tuple[Any, ...] = ({}, {"a": "1"}, {"a": True}, {"a": 1, "b": 2}, [], None)
    for value in odd:
        assert len(faults(value, {"$ref": "#/components/schemas/X"}, document)) == 1
    assert faults(1, {"oneOf": []}, document) == ["$: unknown word oneOf"]
    assert faults("x", {"anyOf": [{"const": "y"}, {"enum": ["z"]}]}, document)
