"""What a monitoring system gets to know."""

from collections.abc import Mapping

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

from models.run import RunState, Statistics
from tests.flask_app.pages import ENDED_AT, STARTED, Pages
from utils.clock import parse_utc

S = RunState
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples_of(text: str) -> Samples:
    """By name without our prefix, and labels; read by the library's own parser."""
    return {
        (sample.name.removeprefix("backup_manager_"), frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def asked(pages: Pages) -> Samples:
    answer = pages.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    return samples_of(answer.text)


def value(found: Samples, name: str, **labels: str) -> float | None:
    return found.get((name, frozenset(labels.items())))


def test_a_job_tells_its_last_success_duration_and_bytes(pages: Pages) -> None:
    job = pages.job()
    copied = Statistics(files_seen=10, files_transferred=3, total_bytes=9_000, transferred_bytes=1_234)
    pages.run(job, S.DONE, statistics=copied)
    found, labels = asked(pages), {"job_id": job.id, "job_name": "Photos"}
    moment = parse_utc(ENDED_AT).timestamp()
    assert value(found, "job_last_success_timestamp_seconds", **labels) == moment
    took = (parse_utc(ENDED_AT) - parse_utc(STARTED)).total_seconds()
    assert value(found, "job_last_duration_seconds", **labels) == took
    assert value(found, "job_last_transferred_bytes", **labels) == 1_234
    assert value(found, "job_state", **labels, state="done") == 1
    assert value(found, "jobs_protected") == 1


def test_what_is_not_known_has_no_sample(pages: Pages) -> None:
    job = pages.job()
    names = {name for name, labels in asked(pages) if ("job_id", job.id) in labels}
    assert names == {"job_state"}


def test_a_failure_after_a_success_keeps_the_moment_of_the_success(pages: Pages) -> None:
    job = pages.job()
    pages.run(job, S.DONE, ended_at="2026-11-20T07:00:00.000Z")
    pages.run(job, S.FAILED)
    found, labels = asked(pages), {"job_id": job.id, "job_name": "Photos"}
    good = parse_utc("2026-11-20T07:00:00.000Z").timestamp()
    assert value(found, "job_last_success_timestamp_seconds", **labels) == good
    assert value(found, "jobs_needing_attention") == 1
    assert value(found, "jobs_protected") == 0


def test_jobs_are_counted_by_state_and_a_state_without_jobs_is_0(pages: Pages) -> None:
    for state in (S.FAILED, S.FAILED, S.DONE):
        pages.run(pages.job(), state)
    pages.job()
    counts = {dict(labels)["state"]: count for (name, labels), count in asked(pages).items() if name == "jobs"}
    assert {state: count for state, count in counts.items() if count} == {"failed": 2, "done": 1, "never_run": 1}
    assert counts["interrupted"] == 0


def test_runs_under_way_and_the_queue_are_counted(pages: Pages) -> None:
    for state in (S.TRANSFERRING, S.QUEUED, S.QUEUED):
        pages.run(pages.job(), state)
    found = asked(pages)
    assert value(found, "active_runs", state="transferring") == 1
    assert value(found, "active_runs", state="queued") == 2
    assert value(found, "active_runs", state="verifying") == 0
    assert value(found, "queue_length") == 2


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ('a "quoted" \\ name} 1', 'a "quoted" \\ name} 1'),
        ("x\u202eline\u2028y", "x\\u202eline\\u2028y"),
        ("Familie Größe 📷", "Familie Größe 📷"),
    ],
)
def test_a_name_cannot_break_out_of_its_label(pages: Pages, name: str, shown: str) -> None:
    job = pages.job(name=name)
    assert value(asked(pages), "job_state", job_id=job.id, job_name=shown, state="never_run") == 1


def test_a_broken_file_is_a_store_that_is_not_healthy(pages: Pages) -> None:
    assert value(asked(pages), "store_healthy", store="jobs.yaml") == 1
    pages.core.folder.jobs_file.write_text("jobs: [\n")
    found = asked(pages)
    assert value(found, "store_healthy", store="jobs.yaml") == 0
    assert value(found, "store_healthy", store="settings.yaml") == 1


def test_the_build_is_named_and_nothing_comes_from_the_librarys_own_registry(pages: Pages) -> None:
    found = asked(pages)
    (build,) = [dict(labels) for name, labels in found if name == "build_info"]
    assert build.keys() == {"version", "python"}
    text = pages.get("/metrics").text
    assert [line for line in text.splitlines() if not line.startswith(("backup_manager_", "# "))] == []


def test_labels_grow_with_jobs_alone(pages: Pages) -> None:
    """A label per run, path or reason would grow for ever."""
    for _ in range(3):
        pages.run(pages.job(), S.FAILED)
    named: Mapping[str, int] = {"job_id": 3, "job_name": 1, "store": 4, "version": 1, "python": 1}
    seen: dict[str, set[str]] = {}
    for _, labels in asked(pages):
        for label, text in labels:
            seen.setdefault(label, set()).add(text)
    assert {label: len(texts) for label, texts in seen.items() if label != "state"} == named


def test_nobody_is_answered_who_may_not_see_the_pages(app: Flask, client: FlaskClient) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 401
