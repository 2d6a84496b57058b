"""The live connection with a real server and real clients."""

import itertools
from pathlib import Path
from typing import Any

import pytest
import requests

from flask_app.listen import AsyncMode
from tests.servers import Server, serving, until

pytestmark = pytest.mark.both_modes
NAMES = {
    "job_id", "run_id", "status", "state", "percent", "bytes_transferred", "total_bytes", "speed_bytes", "eta_seconds",
    "files_done", "files_total", "current_file", "note", "deletion", "seq",
}  # fmt: skip


@pytest.fixture
def server(shared_server: Server) -> Server:
    return shared_server


@pytest.fixture
def job_id(server: Server, tmp_path: Path) -> str:
    """A job that takes about two seconds."""
    (tmp_path / "source").mkdir()
    (tmp_path / "source/film").write_bytes(bytes(8_000_000))
    return server.create_job(tmp_path / "source", tmp_path / "dest", settings={"bandwidth_limit": 4000})


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_a_follower_hears_a_run_from_its_start_to_its_end(server: Server, job_id: str, transport: str) -> None:
    with server.connected(transports=[transport]) as live:
        assert live.wait_for("connection_response") == {"status": "connected"}
        live.client.emit("subscribe_to_job", {"job_id": job_id})
        assert live.wait_for("subscription_confirmed") == {"job_id": job_id}
        run_id = server.start(job_id)
        end = live.wait_for("job_finished")
        live.wait_for("jobs_changed")
        updates = live.of("job_update")
        names = [name for name, _ in live.heard if name in {"job_update", "job_finished"}]
    assert end == {"job_id": job_id, "run_id": run_id, "status": "completed", "state": "done", "reason": end["reason"]}
    assert {frozenset(update) for update in updates} == {frozenset(NAMES)}
    assert names[-1] == "job_finished"
    assert (updates[-1]["state"], updates[-1]["percent"]) == ("done", 100)
    assert live.of("jobs_progress") == []
    is_growing(updates)


def is_growing(updates: list[dict[str, Any]]) -> None:
    for before, after in itertools.pairwise(updates):
        assert after["seq"] > before["seq"]
        assert (after["percent"] or 0) >= (before["percent"] or 0)


def test_whoever_follows_no_job_hears_all_of_them_together(server: Server, job_id: str) -> None:
    with server.connected() as live:
        server.start(job_id)
        live.wait_for("job_finished")
        news = live.of("jobs_progress")
        assert live.of("job_update") == []
    assert news, "at least one, however busy the server is"
    assert {job["job_id"] for event in news for job in event["jobs"]} == {job_id}
    is_growing([job for event in news for job in event["jobs"]])


def test_leaving_a_job_brings_the_lists_back(server: Server, job_id: str) -> None:
    with server.connected() as live:
        live.client.emit("subscribe_to_job", {"job_id": job_id})
        live.wait_for("subscription_confirmed")
        live.client.emit("unsubscribe_from_job", {"job_id": job_id})
        assert live.wait_for("unsubscription_confirmed") == {"job_id": job_id}
        server.start(job_id)
        live.wait_for("jobs_progress")
        live.wait_for("job_finished")
        assert live.of("job_update") == []


def test_a_connection_of_several_tabs_may_follow_a_job_and_hear_of_all(server: Server, job_id: str) -> None:
    with server.connected() as live:
        live.client.emit("subscribe_to_job", {"job_id": job_id, "lists": True})
        live.wait_for("subscription_confirmed")
        server.start(job_id)
        live.wait_for("job_finished")
        assert live.of("jobs_progress"), "at least one, however busy the server is"
        assert live.of("job_update")


def test_log_lines_come_to_followers_with_their_offsets(server: Server, tmp_path: Path) -> None:
    (tmp_path / "many").mkdir()
    for number in range(400):
        (tmp_path / f"many/{number:03}").write_bytes(bytes(40_000))
    settings = {"list_files": True, "bandwidth_limit": 6000}
    job_id = server.create_job(tmp_path / "many", tmp_path / "dest", settings=settings)
    with server.connected() as live:
        live.client.emit("subscribe_to_job", {"job_id": job_id})
        live.wait_for("subscription_confirmed")
        run_id = server.start(job_id)
        live.wait_for("job_finished")
        pieces = live.of("log_lines")
    log = server.api("GET", f"/runs/{run_id}/log").content
    assert pieces
    for piece in pieces:
        text = piece["text"].encode()
        assert piece["run_id"] == run_id
        assert log[piece["offset"] : piece["offset"] + len(text)] == text


def test_an_unknown_job_cannot_be_followed(server: Server) -> None:
    with server.connected() as live:
        for wanted in ({"job_id": "none"}, {"job_id": ["x"]}, "x" * 5000, None, {"job_id": "../.."}):
            assert live.client.call("subscribe_to_job", wanted)["status"] == "error"
        assert live.of("subscription_confirmed") == []


def test_a_connection_that_follows_all_it_may_can_still_hear_of_all(
    server: Server, job_id: str, tmp_path: Path
) -> None:
    def subscribe(wanted: str, lists: bool) -> str:
        return str(live.client.call("subscribe_to_job", {"job_id": wanted, "lists": lists})["status"])

    others = [server.create_job(tmp_path / "source", tmp_path / f"copy {number}") for number in range(50)]
    try:
        with server.connected() as live:
            assert [subscribe(other, False) for other in others] == ["ok"] * 50
            assert subscribe(job_id, False) == "error", "one more is too many"
            assert [subscribe(other, True) for other in others] == ["ok"] * 50
            assert subscribe(job_id, True) == "error"
            server.start(job_id)
            live.wait_for("jobs_progress")
            assert live.of("job_update") == []
            live.wait_for("job_finished")
    finally:
        for other in others:
            server.api("DELETE", f"/jobs/{other}")


def test_a_frame_that_is_too_large_ends_the_connection(server: Server) -> None:
    with server.connected(transports=["websocket"]) as live:
        live.client.emit("subscribe_to_job", {"job_id": "x" * 100_000})
        until(lambda: not live.client.connected)
    assert requests.get(f"{server.address}/healthz", timeout=5).ok


FOREIGN = [
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://evil.example", "X-Forwarded-Host": "evil.example"},
    {"Host": "evil.example", "Origin": "http://evil.example"},
    {"X-Forwarded-For": "10.0.0.1"},
    {"Sec-Fetch-Site": "cross-site"},
]
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "x3JJHMbDL1EzLkh9GBhXDw==",
}


def handshake(server: Server, transport: str, headers: dict[str, str]) -> int:
    upgrade = UPGRADE if transport == "websocket" else {}
    url = f"{server.address}/socket.io/?EIO=4&transport={transport}"
    with requests.get(url, headers={**upgrade, **headers}, timeout=5, stream=True) as answer:
        return answer.status_code


@pytest.mark.parametrize("transport", ["websocket", "polling"])
def test_a_foreign_handshake_is_refused_and_our_own_is_not(server: Server, transport: str) -> None:
    statuses = [handshake(server, transport, headers) for headers in FOREIGN]
    assert statuses == [403, 403, 403, 400, 403, 403]
    own = {"Origin": server.address}
    assert handshake(server, transport, own) == (101 if transport == "websocket" else 200)


def test_live_connections_leave_threads_for_pages(tmp_path: Path, server_mode: AsyncMode) -> None:
    with serving(tmp_path / "crowded", server_mode) as server:
        statuses = [handshake(server, "polling", {}) for _ in range(82)]
        assert requests.get(f"{server.address}/jobs/", timeout=5).status_code == 200
    refused = 503 if server_mode == "threading" else 200
    assert statuses == [200] * 80 + [refused] * 2


def test_two_clients_of_one_page_hear_the_same(server: Server, job_id: str) -> None:
    with server.connected() as one, server.connected(transports=["polling"]) as other:
        for live in (one, other):
            live.client.emit("subscribe_to_job", {"job_id": job_id})
            live.wait_for("subscription_confirmed")
        server.start(job_id)
        for live in (one, other):
            live.wait_for("job_finished")
        assert one.of("job_update")[-1] == other.of("job_update")[-1]
