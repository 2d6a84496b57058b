"""The history page of all runs and its CSV file."""

import csv
import io
from html import unescape
from typing import Any

import pytest

from models.run import RunState, Statistics
from tests.flask_app.pages import Pages

S = RunState
HOSTILE = [
    '=HYPERLINK("http://evil")',
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\tTab",
    "\rReturn",
    'Quote " and , comma',
    "<script>alert(1)</script>",
    "right\u202eto-left",
    "esc\x1b[31m",
    "n" * 255,
]


def moment(day: int, hour: int = 7) -> dict[str, Any]:
    """A run of that day of November."""
    start = f"2026-11-{day:02}T{hour:02}"
    return {
        "id": f"202611{day:02}T{hour:02}0000000Z-a1b2c3",
        "created_at": f"{start}:00:00.000Z",
        "started_at": f"{start}:00:01.000Z",
        "ended_at": f"{start}:14:01.000Z",
        "phases": (),
    }


def rows_of(page: str) -> list[str]:
    """The job and day of each row."""
    return [unescape(row.partition("</tr>")[0]) for row in page.partition("<tbody>")[2].split("<tr>")[1:]]


def test_before_the_first_run_the_page_says_what_it_is_for(pages: Pages) -> None:
    page = pages.get("/logs/runs").text
    assert "No run has ended yet" in page
    assert 'href="/jobs/"' in page
    assert "Export CSV" not in page


def test_runs_of_all_jobs_stand_newest_first_each_with_a_link(pages: Pages) -> None:
    photos, mail = pages.job(name="Photos"), pages.job(name="Mail")
    old = pages.run(
        photos, S.DONE, **moment(10), statistics=Statistics(files_transferred=1234, transferred_bytes=5_000_000)
    )
    new = pages.run(mail, S.FAILED, **moment(12))
    page = pages.get("/logs/runs").text
    first, second = rows_of(page)
    assert f"/jobs/{mail.id}/runs/{new.id}" in first
    assert "Failed" in first
    assert f"/jobs/{photos.id}/runs/{old.id}" in second
    assert "1,234" in second
    assert "5.0 MB" in second
    assert "14 min" in second
    assert 'aria-current="page">Runs' in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Mail", "Mail", "Photos", "Photos"]),
        ("search=PHO", ["Photos", "Photos"]),
        ("search=nothing", []),
        ("state=failed", ["Mail"]),
        ("state=failed&search=photos", []),
        ("kind=verify", ["Photos"]),
        ("engine=rsync", ["Mail", "Mail", "Photos", "Photos"]),
        ("engine=rclone", []),
        ("from=2026-11-12", ["Mail", "Mail"]),
        ("to=2026-11-11", ["Photos", "Photos"]),
        ("from=2026-11-11&to=2026-11-12", ["Mail", "Photos"]),
        ("from=2026-11-13&kind=backup&state=done", ["Mail"]),
        ("job_id=nosuch", []),
    ],
)
def test_filters_stand_in_the_address_and_hold_for_page_and_file(pages: Pages, query: str, found: list[str]) -> None:
    photos, mail = pages.job(name="Photos"), pages.job(name="Mail")
    pages.run(photos, S.DONE, **moment(10))
    pages.run(photos, S.DONE, kind="verify", **moment(11))
    pages.run(mail, S.FAILED, **moment(12))
    pages.run(mail, S.DONE, **moment(13))
    page = pages.get(f"/logs/runs?{query}")
    assert page.status_code == 200
    assert [("Mail" if "Mail" in row else "Photos") for row in rows_of(page.text)] == found
    table = list(csv.DictReader(io.StringIO(pages.get(f"/logs/runs.csv?{query}").text)))
    assert [row["job"] for row in table] == found
    if query and not found:
        assert "No run matches" in page.text


def test_a_filter_by_job_leaves_its_runs(pages: Pages) -> None:
    photos, mail = pages.job(name="Photos"), pages.job(name="Mail")
    pages.run(photos, S.DONE, **moment(10))
    pages.run(mail, S.DONE, **moment(11))
    page = pages.get(f"/logs/runs?job_id={photos.id}").text
    assert len(rows_of(page)) == 1
    assert f'<option value="{photos.id}" selected>' in page


def test_days_are_those_of_the_viewer(pages: Pages) -> None:
    job = pages.job()
    pages.run(job, S.DONE, **moment(10, hour=23))
    pages._client.set_cookie("timezone", "Asia/Tokyo")
    assert len(rows_of(pages.get("/logs/runs?from=2026-11-11&to=2026-11-11").text)) == 1
    pages._client.set_cookie("timezone", "America/New_York")
    assert len(rows_of(pages.get("/logs/runs?from=2026-11-11&to=2026-11-11").text)) == 0


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=yesterday", "From: This is no day. Write it like 2026-11-21."),
        ("to=2026-02-30", "To: This is no day."),
        ("to=0001-01-01", "To: This is no day."),
        ("from=2026-11-12&to=2026-11-11", "To: This is before the first day."),
        ("state=lost", "Result: There is no such choice."),
        ("kind=<b>", "Kind: There is no such choice."),
    ],
)
def test_what_cannot_be_used_is_said_beside_what_was_typed(pages: Pages, query: str, sentence: str) -> None:
    pages.run(pages.job(), S.DONE, **moment(10))
    for fragment in (None, "runs-list"):
        answer = pages.get(f"/logs/runs?{query}", fragment)
        assert answer.status_code == 422
        assert sentence in answer.text
        assert "<tbody>" not in answer.text
    assert 'value="yesterday"' in pages.get("/logs/runs?from=yesterday").text
    assert pages.get(f"/logs/runs.csv?{query}").status_code == 422


def test_older_pages_follow_without_gap_or_double(pages: Pages) -> None:
    job = pages.job()
    ids = [pages.run(job, S.DONE, **moment(1 + number // 20, number % 20)).id for number in range(120)]
    page, seen = pages.get("/logs/runs").text, list[str]()
    while True:
        seen += [row.partition("/runs/")[2].partition('"')[0] for row in rows_of(page)]
        older = [link for link in page.split('href="')[1:] if link.partition("</a>")[0].endswith(">Older runs")]
        if not older:
            break
        page = pages.get(unescape(older[0].partition('"')[0])).text
        assert "Newest</a>" in page
    assert seen == ids[::-1]
    gone = pages.get("/logs/runs?before=0.x").text
    assert "No older runs" in gone
    assert len(rows_of(pages.get("/logs/runs?before=nonsense").text)) == 50


def test_a_deleted_job_takes_its_runs_off_the_page(pages: Pages) -> None:
    kept, gone = pages.job(name="Kept"), pages.job(name="Gone")
    pages.run(kept, S.DONE, **moment(10))
    pages.run(gone, S.DONE, **moment(11))
    assert len(rows_of(pages.get("/logs/runs").text)) == 2
    pages.core.manager.delete(gone.id)
    assert "Gone" not in "".join(rows_of(pages.get("/logs/runs").text))
    assert len(rows_of(pages.get("/logs/runs").text)) == 1
    assert "Gone" not in pages.get("/logs/runs.csv").text


def test_a_run_that_never_started_has_no_duration(pages: Pages) -> None:
    pages.run(pages.job(), S.CANCELLED)
    (row,) = rows_of(pages.get("/logs/runs").text)
    assert "Cancelled" in row
    (line,) = csv.DictReader(io.StringIO(pages.get("/logs/runs.csv").text))
    assert (line["started"], line["working_seconds"], line["state"]) == ("", "", "cancelled")


def test_an_unchanged_poll_is_answered_without_a_page(pages: Pages) -> None:
    pages.run(pages.job(), S.DONE, **moment(10))
    page = pages.get("/logs/runs?state=done").text
    address = unescape(page.partition('id="runs-list"')[2].partition('hx-get="')[2].partition('"')[0])
    assert "state=done" in address
    assert pages.get(address, "runs-list").status_code == 204
    pages.job(name="Another")
    assert pages.get(address, "runs-list").status_code == 200


def test_hostile_names_are_text_on_the_page_and_no_formula_in_the_file(pages: Pages) -> None:
    for number, name in enumerate(HOSTILE):
        pages.run(pages.job(name=name), S.DONE, **moment(1 + number))
    page = pages.get("/logs/runs").text
    assert "<script>alert" not in page
    assert "\u202e" not in page
    assert "\\u202eto-left" in page
    answer = pages.get("/logs/runs.csv")
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="runs-')
    assert answer.text.count("\r\n") == len(HOSTILE) + 1
    names = [row["job"] for row in csv.DictReader(io.StringIO(answer.text, newline=""))]
    assert (
        names
        == [
            '\'=HYPERLINK("http://evil")',
            "'+1",
            "'-1+1",
            "'@SUM(A1)",
            "'\\tTab",
            "'\\rReturn",
            'Quote " and , comma',
            "<script>alert(1)</script>",
            "right\\u202eto-left",
            "esc\\x1b[31m",
            "n" * 255,
        ][::-1]
    )


def test_the_file_names_its_columns_and_gives_times_in_utc(pages: Pages) -> None:
    job = pages.job(name="Photos")
    run = pages.run(
        job, S.DONE, **moment(10), statistics=Statistics(files_transferred=3, transferred_bytes=5, total_bytes=9)
    )
    (line,) = csv.DictReader(io.StringIO(pages.get("/logs/runs.csv").text))
    assert line == {
        "started": "2026-11-10T07:00:01.000Z",
        "ended": "2026-11-10T07:14:01.000Z",
        "job": "Photos",
        "job_id": job.id,
        "run_id": run.id,
        "kind": "backup",
        "engine": "rsync",
        "state": "done",
        "outcome": "Done",
        "working_seconds": "840.0",
        "transferred_bytes": "5",
        "total_bytes": "9",
        "files_transferred": "3",
    }
