"""The JSON API: shapes and refusals on a fake core; starts, runs and logs on a real server."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from flask_app.listen import AsyncMode
from models.findings import Deletion, Finding, Tally, Verification
from models.progress import Progress
from models.run import Outcome, RunState, Statistics
from storage.findings import FindingsLog
from tests import build
from tests.flask_app.pages import Pages
from tests.servers import Server, serving, until

BODY = {"name": "Photos", "type": "rsync", "source": "/srv/photos/", "dest": "/srv/backup"}


def create(client: FlaskClient, **more: Any) -> dict[str, Any]:
    answer = client.post("/api/v1/jobs", json={**BODY, **more})
    assert answer.status_code == 201, answer.text
    assert answer.json
    return dict(answer.json["data"])


def refused(client: FlaskClient, body: Any, method: str = "POST", path: str = "/api/v1/jobs") -> dict[str, str]:
    answer = client.open(path, method=method, json=body)
    assert answer.status_code == 422, answer.text
    assert answer.json
    assert answer.json["error"]["code"] == "invalid_input"
    return dict(answer.json["error"]["fields"])


def test_a_job_is_created_shown_and_listed(client: FlaskClient) -> None:
    job = create(client, settings={"exclude": ["*.tmp"], "ssh": {"port": 2222}, "options": {"compress": True}})
    assert job["settings"]["exclude"] == ["*.tmp"]
    assert job["settings"]["ssh"] == {"port": 2222, "key": None}
    assert job["settings"]["options"] == ["compress"]
    shown = client.get(f"/api/v1/jobs/{job['id']}").json
    listed = client.get("/api/v1/jobs").json
    assert shown == {"status": "ok", "data": job}
    assert listed == {"status": "ok", "data": [job], "total": 1, "page": 1, "per_page": 50}


def test_lists_are_paged_and_filtered(client: FlaskClient) -> None:
    for number in range(5):
        create(client, name=f"Job {number}", settings={"tags": ["odd"] if number % 2 else []})
    answer = client.get("/api/v1/jobs?per_page=2&page=3").json
    assert answer
    assert (len(answer["data"]), answer["total"]) == (1, 5)
    tagged = client.get("/api/v1/jobs?tag=odd").json
    assert tagged
    assert [job["name"] for job in tagged["data"]] == ["Job 1", "Job 3"]


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=x",
        "per_page=-1",
        "per_page=100000",
        "page=99999999999999999999",
        "per_page=000000000001000000000",
    ],
)
def test_a_page_that_is_no_number_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"/api/v1/jobs?{query}").status_code == 422


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**BODY, "owner": "me"}, "owner"),
        ({**BODY, "name": 7}, "name"),
        ({**BODY, "name": "x" * 10_001}, "name"),
        ({**BODY, "source": None}, "source"),
        ({**BODY, "settings": []}, "settings"),
        ({**BODY, "settings": {"schedule": {"cron": "* * * * *"}}}, "settings.schedule"),
        ({**BODY, "settings": {"mode": "mirror"}}, "settings.mode"),
        ({**BODY, "settings": {"bandwidth_limit": -1}}, "settings.bandwidth_limit"),
        ({**BODY, "settings": {"bandwidth_limit": "10"}}, "settings.bandwidth_limit"),
        ({**BODY, "settings": {"max_retries": 10**9}}, "settings.max_retries"),
        ({**BODY, "settings": {"exclude": "*.tmp"}}, "settings.exclude"),
        ({**BODY, "settings": {"exclude": [1]}}, "settings.exclude"),
        ({**BODY, "settings": {"ssh": {"port": 70_000}}}, "settings.ssh.port"),
        ({**BODY, "settings": {"stall_minutes": float("nan")}}, "settings.stall_minutes"),
        (["name"], "body"),
        ("name", "body"),
    ],
)
def test_a_field_that_does_not_fit_is_named_and_nothing_is_created(client: FlaskClient, body: Any, field: str) -> None:
    fields = refused(client, body)
    assert list(fields) == [field]
    assert fields[field].endswith(".")
    assert client.get("/api/v1/jobs").json == {"status": "ok", "data": [], "total": 0, "page": 1, "per_page": 50}


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[" * 100_000, b'{"name": "a", "name": }'])
def test_what_is_no_json_is_refused(client: FlaskClient, body: bytes) -> None:
    answer = client.post("/api/v1/jobs", data=body, content_type="application/json")
    assert answer.status_code in {400, 422}
    assert answer.json
    assert answer.json["status"] == "error"


def test_patch_changes_only_what_it_names(client: FlaskClient) -> None:
    job = create(client, settings={"exclude": ["*.tmp"], "ssh": {"port": 2222, "key": "/k"}})
    path = f"/api/v1/jobs/{job['id']}"
    changed = client.patch(path, json={"name": "Films", "settings": {"ssh": {"port": 22}}}).json
    assert changed
    assert changed["data"]["name"] == "Films"
    assert changed["data"]["source"] == BODY["source"]
    assert changed["data"]["settings"]["exclude"] == ["*.tmp"]
    assert changed["data"]["settings"]["ssh"] == {"port": 22, "key": "/k"}
    assert refused(client, {"status": "completed"}, "PATCH", path) == {
        "status": "There is no such field in this version."
    }
    assert refused(client, [], "PATCH", path) == {"body": "This must be an object."}


def test_put_replaces_the_whole_definition(client: FlaskClient) -> None:
    job = create(client, settings={"exclude": ["*.tmp"]})
    answer = client.put(f"/api/v1/jobs/{job['id']}", json={**BODY, "name": "Films"}).json
    assert answer
    assert (answer["data"]["name"], answer["data"]["settings"]["exclude"]) == ("Films", [])


def test_delete_is_refused_while_it_runs(client: FlaskClient, core: Any) -> None:
    job = create(client)
    path = f"/api/v1/jobs/{job['id']}"
    run = client.post(f"{path}/start").json
    assert run
    assert client.delete(path).status_code == 409
    core.manager.recorded.clear()
    answer = client.delete(path)
    assert (answer.status_code, answer.data) == (204, b"")
    assert client.get(path).status_code == 404


def test_start_and_pause_answer_202_with_the_run(client: FlaskClient) -> None:
    job = create(client)
    started = client.post(f"/api/v1/jobs/{job['id']}/start")
    assert started.status_code == 202
    assert started.json
    assert started.json["data"] == {"run_id": started.json["data"]["run_id"], "job_id": job["id"], "state": "queued"}
    assert client.post(f"/api/v1/jobs/{job['id']}/start").status_code == 409
    assert client.post(f"/api/v1/jobs/{job['id']}/pause").status_code == 202
    assert client.post("/api/v1/jobs/none/start").status_code == 404


def test_a_run_is_told_whole(client: FlaskClient, core: Any) -> None:
    outcome = Outcome("The destination is full.", "Free space.", 11, None, ("a.jpg",), 1)
    run = build.run(
        state=RunState.FAILED,
        progress=Progress(5, 10, 50.0),
        outcome=outcome,
        statistics=Statistics(files_seen=3),
        seq=9,
    )
    core.manager.keep(run)
    answer = client.get(f"/api/v1/runs/{run.id}").json
    assert answer
    told = answer["data"]
    assert (told["state"], told["status"], told["percent"], told["exit_code"]) == ("failed", "failed", 50.0, 11)
    assert (told["reason"], told["next_step"]) == ("The destination is full.", "Free space.")
    assert told["result"]["files_seen"] == 3
    assert told["progress"]["bytes_transferred"] == 5


def test_a_preview_and_a_verification_answer_202_and_leave_the_jobs_status(client: FlaskClient, core: Any) -> None:
    for kind in ("preview", "verify"):
        job = create(client)
        core.manager.keep(build.run(job_id=job["id"], state=RunState.DONE))
        started = client.post(f"/api/v1/jobs/{job['id']}/{kind}")
        assert started.status_code == 202
        assert started.json
        assert client.post(f"/api/v1/jobs/{job['id']}/{kind}").status_code == 409
        told = client.get(f"/api/v1/runs/{started.json['data']['run_id']}").json
        assert told
        assert (told["data"]["kind"], told["data"]["trigger"], told["data"]["status"]) == (kind, "api", "pending")
        assert client.post(f"/api/v1/jobs/{job['id']}/{kind}", json={"x": 1}).status_code == 422


def test_what_a_run_proved_and_deleted_is_told(client: FlaskClient, core: Any) -> None:
    verification = Verification("checksum", 4, 40, 1, passed=False)
    deletion = Deletion("per_file", "completed", 3, 2, 20, 1)
    tallies = (Tally("mismatch", 1, 10),)
    run = build.run(state=RunState.FAILED, verification=verification, deletion=deletion, tallies=tallies)
    core.manager.keep(run)
    answer = client.get(f"/api/v1/runs/{run.id}").json
    assert answer
    told = answer["data"]
    assert (told["verification"]["passed"], told["verification"]["mismatches"]) == (False, 1)
    assert (told["deletion"]["phase"], told["deletion"]["files_kept"]) == ("completed", 1)
    assert told["tallies"] == {"mismatch": {"files": 1, "bytes": 10}}


def test_deleting_at_the_source_needs_consent(client: FlaskClient) -> None:
    asked = {"delete_source_after": True}
    assert "settings.deletion_confirmed" in refused(client, {**BODY, "settings": asked})
    job = create(client, settings={**asked, "deletion_confirmed": True, "verify": "checksum"})
    assert (job["settings"]["delete_source_after"], job["settings"]["verify"]) == (True, "checksum")
    assert "settings.verify" in refused(client, {**BODY, "settings": {"verify": "maybe"}})


def test_single_files_are_read_in_parts(pages: Pages) -> None:
    job = pages.job()
    run = pages.run(job, RunState.FAILED, kind="verify")
    log = FindingsLog(pages.core.folder, job.id, run.id)
    log.add([Finding("mismatch", f"{number}".encode(), number) for number in range(5)])
    log.add([Finding("missing", b"\xff\n"), Finding("verified", b"x")])
    log.flush()
    path = f"/api/v1/runs/{run.id}/findings"
    whole = pages.get(path).json
    assert whole
    assert (whole["total"], whole["next_offset"]) == (6, None)
    assert whole["data"][-1] == {"what": "missing", "name": "\ufffd\n", "size": None, "name_base64": "/wo="}
    part = pages.get(f"{path}?what=mismatch&offset=3&limit=1").json
    assert part
    assert (part["data"], part["total"], part["next_offset"]) == (
        [{"what": "mismatch", "name": "3", "size": 3}], 5, 4,
    )  # fmt: skip
    for query in ("what=all", "offset=-1", "limit=0"):
        assert pages.get(f"{path}?{query}").status_code == 422


def test_a_log_is_read_on_from_an_offset(client: FlaskClient, core: Any) -> None:
    run = core.manager.keep(build.run())
    core.manager.log = "one\ntwo\n"
    answer = client.get(f"/api/v1/runs/{run.id}/log?offset=4")
    assert (answer.text, answer.headers["X-Next-Offset"]) == ("two\n", "8")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert client.get(f"/api/v1/runs/{run.id}/log?offset=-1").status_code == 422


def test_stats_tools_and_settings_are_told(client: FlaskClient) -> None:
    create(client)
    for path, name in (("stats", "jobs"), ("settings", "max_retry_attempts")):
        answer = client.get(f"/api/v1/{path}").json
        assert answer
        assert name in answer["data"]
    tools = client.get("/api/v1/tools").json
    assert tools
    assert tools["data"][0]["version"] == "3.5.0"


@pytest.fixture
def server(shared_server: Server) -> Server:
    return shared_server


@pytest.mark.both_modes
def test_of_twenty_simultaneous_starts_one_is_taken(server: Server, tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source/film").write_bytes(bytes(30_000_000))
    job_id = server.create_job(tmp_path / "source", tmp_path / "dest", settings={"bandwidth_limit": 4000})
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: server.api("POST", f"/jobs/{job_id}/start"), range(20)))
    assert Counter(answer.status_code for answer in answers) == {202: 1, 409: 19}
    (run_id,) = {answer.json()["data"]["run_id"] for answer in answers if answer.status_code == 202}
    assert server.api("DELETE", f"/jobs/{job_id}").status_code == 409
    until(lambda: server.run(run_id)["state"] == "transferring")
    assert server.api("POST", f"/jobs/{job_id}/pause").status_code == 202
    assert server.ended(run_id)["state"] == "paused"
    assert [run["id"] for run in server.api("GET", f"/jobs/{job_id}/runs").json()["data"]] == [run_id]


@pytest.mark.both_modes
def test_a_run_copies_and_its_log_says_so(server: Server, tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source/a").write_text("content")
    job_id = server.create_job(tmp_path / "source", tmp_path / "dest")
    run = server.ended(server.start(job_id))
    assert (run["state"], run["exit_code"], run["percent"]) == ("done", 0, 100)
    assert (tmp_path / "dest/a").read_text() == "content"
    first = server.api("GET", f"/runs/{run['id']}/log")
    offset = first.headers["X-Next-Offset"]
    assert "rsync" in first.text
    assert int(offset) == len(first.content)
    assert server.api("GET", f"/runs/{run['id']}/log?offset={offset}").text == ""
    assert server.api("GET", f"/jobs/{job_id}").json()["data"]["status"] == "completed"


def tag_of(client: FlaskClient, job: dict[str, Any]) -> str:
    return client.get(f"/api/v1/jobs/{job['id']}").headers["ETag"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_change_that_names_the_tag_it_saw_is_done_only_if_that_still_holds(client: FlaskClient, method: str) -> None:
    job = create(client)
    path, seen = f"/api/v1/jobs/{job['id']}", tag_of(client, job)
    client.patch(path, json={"name": "Films"})
    refusal = client.open(path, method=method, json=BODY, headers={"If-Match": seen})
    assert refusal.status_code == 412
    assert refusal.json
    assert (refusal.json["status"], refusal.json["error"]["code"]) == ("error", "job_changed")
    shown = client.get(path)
    assert shown.json
    assert shown.json["data"]["name"] == "Films"
    body = None if method == "DELETE" else BODY
    headers = {"If-Match": f'"elsewhere", {shown.headers["ETag"]}'}
    assert client.open(path, method=method, json=body, headers=headers).status_code == (204 if not body else 200)


@pytest.mark.parametrize("unfit", ["", "W/{}", '"x"', "x", '"'])
def test_a_tag_that_cannot_hold_is_refused(client: FlaskClient, unfit: str) -> None:
    job = create(client)
    headers = {"If-Match": unfit.format(tag_of(client, job))}
    assert client.delete(f"/api/v1/jobs/{job['id']}", headers=headers).status_code == 412
    assert client.delete(f"/api/v1/jobs/{job['id']}", headers={"If-Match": "*"}).status_code == 204


def test_the_tag_changes_with_the_definition_and_not_with_its_runs(pages: Pages) -> None:
    job = pages.job()
    path = f"/api/v1/jobs/{job.id}"
    first = pages.get(path).headers["ETag"]
    pages.run(job, RunState.DONE)
    pages.core.jobs.set_status(job.id, "completed", Progress(5, 5, 100.0))
    assert pages.get(path).headers["ETag"] == first
    pages.core.upkeep.add_tag(job.id, "family")
    assert pages.get(path).headers["ETag"] != first


def test_an_unknown_job_is_not_found_whatever_its_tag(client: FlaskClient) -> None:
    assert client.delete("/api/v1/jobs/none", headers={"If-Match": '"x"'}).status_code == 404


@pytest.mark.both_modes
def test_a_start_with_a_key_is_answered_the_same_also_after_a_restart(tmp_path: Path, server_mode: AsyncMode) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source/film").write_bytes(bytes(1000))
    headers = {"Idempotency-Key": "nightly-7"}
    with serving(tmp_path / "data", server_mode) as server:
        job_id = server.create_job(tmp_path / "source", tmp_path / "dest")
        with ThreadPoolExecutor(5) as pool:
            start = f"/jobs/{job_id}/start"
            answers = list(pool.map(lambda _: server.api("POST", start, headers=headers), range(5)))
        server.ended(answers[0].json()["data"]["run_id"])
    with serving(tmp_path / "data", server_mode) as server:
        answers.append(server.api("POST", start, headers=headers))
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.text for answer in answers}) == 1
        assert [answer.headers.get("Idempotency-Replayed") for answer in answers].count(None) == 1
        assert answers[-1].headers["Idempotency-Replayed"] == "true"
        assert len(server.api("GET", f"/jobs/{job_id}/runs").json()["data"]) == 1
        unfit = server.api("POST", start, headers={"Idempotency-Key": "a b"})
        assert (unfit.status_code, list(unfit.json()["error"]["fields"])) == (422, ["Idempotency-Key"])
