"""The stream of live events: replay, bounds and cuts on a standing clock; delivery by a real server."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from flask_app import event_streams
from flask_app.event_streams import BEAT, KEPT, RETRY, EventStreams, Stream, StreamsFull
from flask_app.listen import AsyncMode
from tests.flask_app.test_live import StandingClock
from tests.servers import Server, serving

ALL = frozenset({"lists"})


def taken(stream: Stream) -> list[bytes]:
    """What waits for the reader, event by event."""
    return [one for one in stream._next().split(b"\n\n") if one]


def id_of(text: bytes) -> str:
    return text.split(b"\n")[0].removeprefix(b"id: ").decode()


def test_a_reader_hears_its_rooms_and_what_is_for_all() -> None:
    streams = EventStreams(StandingClock(), 5)
    lists, job = streams.follow(ALL, None, []), streams.follow(frozenset({"job:a"}), None, [])
    streams.send("jobs_progress", {"jobs": []}, "lists")
    streams.send("job_update", {"seq": 1}, "job:a")
    streams.send("jobs_changed", {}, None)
    assert [one.split(b"\n")[1] for one in taken(lists)] == [b"event: jobs_progress", b"event: jobs_changed"]
    assert next(one.split(b"\n")[1:] for one in taken(job)) == [b"event: job_update", b'data: {"seq":1}']


def test_whoever_comes_again_hears_what_it_missed_and_no_more() -> None:
    streams = EventStreams(StandingClock(), 5)
    stream = streams.follow(ALL, None, [])
    streams.send("jobs_changed", {"n": 1}, None)
    (first,) = taken(stream)
    stream.close()
    streams.send("jobs_changed", {"n": 2}, None)
    streams.send("job_update", {"n": 3}, "job:a")
    streams.send("jobs_progress", {"n": 4}, "lists")
    again = taken(streams.follow(ALL, id_of(first), [("job_update", {"n": 0})]))
    assert [json.loads(one.split(b"data: ")[1])["n"] for one in again] == [2, 4]


@pytest.mark.parametrize("last", ["", "x", "00000000-1", "{own}-", "{own}--1", "{own}-99", "{own}-1"])
def test_who_missed_more_than_is_kept_or_names_another_process_is_told_to_begin_anew(last: str) -> None:
    streams = EventStreams(StandingClock(), 5)
    for number in range(KEPT + 5):
        streams.send("jobs_changed", {"n": number}, None)
    last = last.format(own=streams._process).replace("-99", "-99999")
    told = taken(streams.follow(ALL, last, [("job_update", {"n": 7})]))
    assert [one.split(b"\n")[1] for one in told] == [b"event: reset", b"event: job_update"]
    kept = f"{streams._process}-5"
    assert len(taken(streams.follow(ALL, kept, []))) == KEPT


def test_what_is_kept_is_bounded_in_bytes_too() -> None:
    streams = EventStreams(StandingClock(), 5)
    for _ in range(400):
        streams.send("log_lines", {"text": "x" * 32_000}, "job:a")
    assert sum(len(one.text) for one in streams._kept) <= event_streams.KEPT_BYTES
    assert len(streams._kept) > 200


def test_a_reader_that_does_not_read_is_cut_off_and_holds_nothing() -> None:
    streams = EventStreams(StandingClock(), 5)
    stream = streams.follow(ALL, None, [])
    reading = iter(stream)
    assert next(reading) == RETRY
    for _ in range(100):
        streams.send("jobs_progress", {"text": "x" * 32_000}, "lists")
    assert not stream._waiting
    assert list(reading) == []
    assert len(streams) == 0


def test_there_are_so_many_streams_and_no_more_until_one_ends() -> None:
    streams = EventStreams(StandingClock(), 2)
    first, _ = streams.follow(ALL, None, []), streams.follow(ALL, None, [])
    with pytest.raises(StreamsFull):
        streams.follow(ALL, None, [])
    first.close()
    first.close()
    streams.follow(ALL, None, [])


def test_one_account_does_not_take_the_streams_of_all() -> None:
    streams = EventStreams(StandingClock(), 100)
    first, *_ = [streams.follow(ALL, None, [], "anna") for _ in range(event_streams.OF_ONE_ACCOUNT)]
    with pytest.raises(StreamsFull):
        streams.follow(ALL, None, [], "anna")
    streams.follow(ALL, None, [], "bert")
    for _ in range(event_streams.OF_ONE_ACCOUNT + 1):  # of nobody in particular, on the machine itself
        streams.follow(ALL, None, [])
    first.close()
    streams.follow(ALL, None, [], "anna")


def test_a_silent_stream_beats_and_ends_after_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_streams, "HEARTBEAT", 0.01)
    clock = StandingClock()
    reading = iter(EventStreams(clock, 2).follow(ALL, None, []))
    assert [next(reading), next(reading), next(reading)] == [RETRY, BEAT, BEAT]
    clock.sleep(event_streams.LONGEST)
    assert list(reading) == []


def test_a_room_counts_as_followed_for_a_minute_after_its_last_reader() -> None:
    clock = StandingClock()
    streams = EventStreams(clock, 2)
    assert not streams.is_followed("lists")
    streams.follow(ALL, None, []).close()
    assert streams.is_followed("lists")
    clock.sleep(61)
    assert not streams.is_followed("lists")


def heard(server: Server, query: str, until: str, **headers: str) -> list[tuple[str, str, Any]]:
    """(id, event, payload) of a stream up to that event; the job is started once the stream is open."""
    found = []
    with requests.get(f"{server.address}/api/v1/events{query}", stream=True, timeout=30, headers=headers) as answer:
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")
        fields: dict[str, str] = {}
        for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
            if line.startswith("retry") and "start" in headers:
                server.start(headers["start"])
            if line:
                name, _, value = line.partition(": ")
                fields[name] = value
            elif "event" in fields:
                found.append((fields["id"], fields["event"], json.loads(fields["data"])))
                if fields["event"] == until:
                    return found
                fields = {}
    raise AssertionError(found)


@pytest.mark.both_modes
def test_a_run_is_heard_whole_and_repeated_and_too_many_are_refused(tmp_path: Path, server_mode: AsyncMode) -> None:
    (tmp_path / "source").mkdir()
    (tmp_path / "source/film").write_bytes(bytes(6_000_000))
    with serving(tmp_path / "data", server_mode) as server:
        job_id = server.create_job(tmp_path / "source", tmp_path / "dest", settings={"bandwidth_limit": 4000})
        one = heard(server, f"?job_id={job_id}", "job_finished", start=job_id)
        assert {event for _, event, _ in one} >= {"job_update", "jobs_changed", "log_lines", "job_finished"}
        updates = [payload for _, event, payload in one if event == "job_update"]
        assert (updates[-1]["state"], updates[-1]["percent"]) == ("done", 100)
        last = {"Last-Event-ID": one[0][0]}
        assert heard(server, f"?job_id={job_id}", "job_finished", **last) == one[1:]
        assert heard(server, "", "reset", **{"Last-Event-ID": "elsewhere-1"})[0][1] == "reset"
        everything = heard(server, "", "job_finished", start=job_id)
        assert "jobs_progress" in {event for _, event, _ in everything}
        assert server.api("GET", "/events?job_id=none").status_code == 404
        most = 30 if server_mode == "threading" else 200
        streams = [requests.get(f"{server.address}/api/v1/events", stream=True, timeout=30) for _ in range(most)]
        refused = server.api("GET", "/events")
        assert (refused.status_code, refused.json()["error"]["code"]) == (503, "streams_full")
        assert server.api("GET", "/jobs").status_code == 200
        for stream in streams:
            stream.close()
