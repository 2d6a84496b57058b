"""The audit log's page, its file, its API and its command: what stands there, by filters, for administrators."""

import json
from html import unescape
from typing import Any

import pytest

from core.audit import Subject, Trouble, Who
from core.audit_actions import ACTIONS
from models.audit import AuditRecord, audit_from_json
from models.role import Role
from storage.audit_log import AuditLog
from storage.audit_reading import Wanted
from tests.flask_app.pages import Pages
from tests.flask_app.people import somebody
from utils.text import HOSTILE

ANNA = Who("anna", "operator", "session", "192.0.2.7")
NIGHTLY = Who("berta", "administrator", "token:nightly", "192.0.2.8")
HOSTILE_WORDS = '<script>alert(1)</script> "x" \u202e\x1b[31m\n{"at":'


def rows_of(page: str) -> list[str]:
    return [unescape(row.partition("</tr>")[0]) for row in page.partition("<tbody>")[2].split("<tr>")[1:]]


def fill(pages: Pages) -> None:
    """Three of November: a start by anna, a change by berta's token, a stranger."""
    AuditLog(pages.core.folder).append(
        [
            AuditRecord("2026-11-10T07:00:00.000Z", "run.start", "done", "", 202, *ANNA, job_name="Photos"),
            AuditRecord("2026-11-12T07:00:00.000Z", "settings.change", "done", "", 303, *NIGHTLY, names=("max_retry",)),
            AuditRecord(
                "2026-11-14T07:00:00.000Z", "access.refused", "refused", "account_required", 403, address="192.0.2.9",
                asked="GET /jobs/", left_out=7,
            ),
        ]
    )  # fmt: skip


def test_before_the_first_change_the_page_says_what_it_is_for(pages: Pages) -> None:
    page = pages.get("/settings/audit").text
    assert "Nothing has been changed yet" in page
    assert "Export" not in page
    assert 'href="/settings/audit"' in pages.get("/settings/").text


def test_the_page_says_who_did_what_from_where_and_what_came_of_it(pages: Pages) -> None:
    fill(pages)
    stranger, berta, anna = rows_of(pages.get("/settings/audit").text)
    for words in ("Nobody", "192.0.2.9", "Open a page or call", "Refused", "account_required", "GET /jobs/"):
        assert words in stranger
    assert "7 refused attempts before this one not listed" in stranger
    for words in ("berta, administrator", "token nightly, 192.0.2.8", "Change settings", "max_retry", "Done"):
        assert words in berta
    for words in ("anna, operator", "browser, 192.0.2.7", "Start a job", "Photos"):
        assert words in anna


def test_a_job_that_is_there_has_a_link_and_a_deleted_one_its_name(pages: Pages) -> None:
    job = pages.job(name="Mail")
    pages.core.audit.record("run.start", ANNA, Subject(job.id, "Mail", "20261121T070204123Z-a1b2c3"))
    pages.core.audit.record("job.delete", ANNA, Subject("../../login", "Gone"))
    gone, there = rows_of(pages.get("/settings/audit").text)
    assert f'href="/jobs/{job.id}/runs/20261121T070204123Z-a1b2c3"' in there
    assert "Gone" in gone
    assert "<a" not in gone


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [14, 12, 10]),
        ("account=ANN", [10]),
        ("action=run.start", [10]),
        ("action=settings.", [12]),
        ("outcome=refused", [14]),
        ("from=2026-11-12", [14, 12]),
        ("to=2026-11-12", [12, 10]),
        ("from=2026-11-11&to=2026-11-13&account=b", [12]),
        ("outcome=failed", []),
    ],
)
def test_filters_leave_what_was_asked_for_on_the_page_and_in_the_file(
    pages: Pages, query: str, found: list[int]
) -> None:
    fill(pages)
    pages.in_zone("UTC")
    rows = rows_of(pages.get(f"/settings/audit?{query}").text)
    assert [int(row.partition('datetime="2026-11-')[2][:2]) for row in rows] == found
    file = pages.get(f"/settings/audit.jsonl?{query}")
    assert [int(json.loads(line)["at"][8:10]) for line in file.text.splitlines()] == found
    assert "attachment" in file.headers["Content-Disposition"]


def test_a_day_is_the_viewers_day(pages: Pages) -> None:
    fill(pages)
    pages.in_zone("Pacific/Auckland")
    assert len(rows_of(pages.get("/settings/audit?from=2026-11-14&to=2026-11-14").text)) == 1
    pages.in_zone("Pacific/Honolulu")
    assert len(rows_of(pages.get("/settings/audit?from=2026-11-14&to=2026-11-14").text)) == 0


@pytest.mark.parametrize("query", ["action=odd", "outcome=odd", "from=yesterday", "from=2026-11-12&to=2026-11-11"])
def test_what_cannot_be_asked_is_said_and_nothing_is_shown(pages: Pages, query: str) -> None:
    fill(pages)
    page = pages.get(f"/settings/audit?{query}")
    assert page.status_code == 422
    assert 'role="alert"' in page.text
    assert rows_of(page.text) == []
    assert pages.get(f"/settings/audit.jsonl?{query}").status_code == 422


def test_pages_lead_to_older_records_and_back(pages: Pages) -> None:
    pages.core.audit.record("job.tag", ANNA, [Subject(job_name=f"job {number}") for number in range(70)])
    first = pages.get("/settings/audit?account=anna")
    older = unescape(first.text.partition("Newest first")[2].partition('href="')[2].partition('"')[0])
    assert older.startswith("/settings/audit?account=anna&before=")
    second = pages.get(older)
    assert (len(rows_of(first.text)), len(rows_of(second.text))) == (50, 20)
    assert "job 19" in rows_of(second.text)[0]
    assert 'href="/settings/audit?account=anna"' in second.text
    assert "No older records" in pages.get("/settings/audit?before=1.0").text


def test_a_fragment_is_drawn_like_the_page_and_the_address_follows_the_filters(pages: Pages) -> None:
    fill(pages)
    headers = {"HX-Request": "true", "HX-Target": "audit-list", "HX-Trigger": "audit-filters"}
    answer = pages._client.get("/settings/audit?account=anna&action=&from=", headers=headers)
    assert answer.headers["HX-Push-Url"] == "/settings/audit?account=anna"
    assert answer.text.strip().startswith('<section id="audit-list"')
    assert answer.text.strip() in pages.get("/settings/audit?account=anna").text.replace("\n  <section", "\n<section")


def test_records_that_were_lost_are_told_on_the_page(pages: Pages) -> None:
    pages.core.audit.trouble = Trouble("2026-11-21T07:02:04.123Z", 3, "audit.jsonl cannot be written: <full>.")
    page = pages.get("/settings/audit").text
    assert "3 records could not be written" in page
    assert "audit.jsonl cannot be written: &lt;full&gt;." in page


def test_hostile_words_are_shown_and_do_nothing(pages: Pages) -> None:
    who = Who(HOSTILE_WORDS, HOSTILE_WORDS, f"token:{HOSTILE_WORDS}", HOSTILE_WORDS)
    about = Subject(HOSTILE_WORDS, HOSTILE_WORDS, HOSTILE_WORDS, (HOSTILE_WORDS,))
    pages.core.audit.record("job.change", who, about, "refused", HOSTILE_WORDS, 422, HOSTILE_WORDS)
    for answer in (pages.get("/settings/audit"), pages.get("/settings/audit.jsonl"), pages.get("/api/v1/audit")):
        assert answer.status_code == 200
        assert not [found for found in HOSTILE.findall(answer.text) if found != "\n"]
    assert "<script>alert" not in pages.get("/settings/audit").text
    assert len(pages.get("/settings/audit.jsonl").text.splitlines()) == 1


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_has_its_words_on_the_page(pages: Pages, action: Any) -> None:
    pages.core.audit.record(action, ANNA)
    assert rows_of(pages.get(f"/settings/audit?action={action}").text) != []


# The API


def listed(pages: Pages, query: str = "", status: int = 200) -> Any:
    answer = pages._client.get(f"/api/v1/audit{query}")
    assert answer.status_code == status, answer.text
    return answer.json


def test_scripts_get_the_same_records_page_by_page(pages: Pages) -> None:
    fill(pages)
    first = listed(pages, "?limit=2")
    second = listed(pages, f"?limit=2&before={first['older']}")
    assert second["older"] is None
    found = [audit_from_json(one) for one in first["data"] + second["data"]]
    assert found == list(pages.core.audit.each(Wanted()))
    assert [one["action"] for one in listed(pages, "?since=2026-11-12&until=2026-11-14T07:00:00Z")["data"]] == [
        "settings.change"
    ]
    assert len(listed(pages, "?since=2026-11-12T08:00:00%2B02:00")["data"]) == 2


@pytest.mark.parametrize(
    "query", ["action=odd", "outcome=odd", "since=odd", "until=0001-01-01", "before=x", "limit=0", "limit=501"]
)
def test_scripts_are_told_which_field_will_not_do(pages: Pages, query: str) -> None:
    assert listed(pages, f"?{query}", 422)["error"]["fields"].keys() == {query.partition("=")[0]}


def test_only_administrators_read_it_and_others_who_try_stand_in_it(pages: Pages) -> None:
    client = somebody(pages.app, Role.OPERATOR)
    for path in ("/settings/audit", "/settings/audit.jsonl", "/api/v1/audit"):
        assert client.get(path).status_code == 403
    found = pages.core.audit.page(Wanted(outcome="refused")).rows
    assert len({(one.account, one.via) for one in found}) == 1
    assert all(one.account and one.via.startswith("token:") for one in found)
    assert {one.code for one in found} == {"forbidden"}
    assert {one.asked for one in found} == {"GET /settings/audit", "GET /settings/audit.jsonl", "GET /api/v1/audit"}


# The command


def test_the_command_lists_the_same(pages: Pages) -> None:
    fill(pages)

    def said(*words: str) -> str:
        done = pages.app.test_cli_runner().invoke(args=["audit", "list", *words])
        assert done.exit_code == 0, done.output
        return done.output

    assert json.loads(said("--json")) == listed(pages)["data"]
    assert len(json.loads(said("--json", "--limit", "1"))) == 1
    table = said("--account", "berta").splitlines()
    assert len(table) == 2
    for words in ("2026-11-12T07:00:00.000Z", "berta, administrator", "Change settings", "max_retry", "done"):
        assert words in table[1]
    wrong = pages.app.test_cli_runner().invoke(args=["audit", "list", "--since", "odd"])
    assert wrong.exit_code == 2
    assert "since" in wrong.output
