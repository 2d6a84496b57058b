"""The Logs page in a browser: filters while typing, the live end, the reader's place, paging, files to take along."""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import PHONE, WIDE, NewVisit, Product, Visit
from tests.e2e.judging import NARROW, found_by_axe, too_small, too_wide
from tests.e2e.walk import create
from tests.whole import only_whole, some

pytestmark = pytest.mark.browser

TEXTS = ".log-row .text"


class Writer:
    """Another program that writes a job's log."""

    def __init__(self, product: Product, job_id: str) -> None:
        self.path = product.data / "logs" / f"rsync_{job_id}.log"
        self.path.unlink(missing_ok=True)

    def write(self, texts: list[str], ago: timedelta = timedelta()) -> None:
        """Lines a second apart; the last was written `ago`."""
        end = datetime.now() - ago  # noqa: DTZ005  logs are in local time
        with self.path.open("a") as log:
            for number, text in enumerate(texts, 1 - len(texts)):
                log.write(f"[{end + timedelta(seconds=number):%Y-%m-%d %H:%M:%S}] {text}\n")


@pytest.fixture
def writer(product: Product, visit: Visit, tmp_path: Path) -> Iterator[Writer]:
    for left in (product.data / "logs").glob("*.log*"):  # of jobs of other tests, that are deleted
        left.unlink()
    source = tmp_path / "source"
    source.mkdir()
    writer = Writer(product, create(visit.page, "Photos <b>", f"{source}/", tmp_path / "copy"))
    yield writer
    writer.path.unlink(missing_ok=True)


def texts(page: Page) -> list[str]:
    return page.locator(TEXTS).all_inner_texts()


def top_of(page: Page, text: str) -> float:
    """How far below the upper edge of the lines the line stands."""
    top = "(line) => line.getBoundingClientRect().top - line.closest('.log-scroll').getBoundingClientRect().top"
    return float(page.get_by_text(text, exact=True).evaluate(top))


def scroll_to(page: Page, text: str) -> float:
    """Where the line then stands."""
    page.get_by_text(text, exact=True).evaluate("(line) => line.scrollIntoView({ block: 'center' })")
    return top_of(page, text)


def test_the_newest_lines_stand_at_the_end_and_are_what_is_seen_first(visit: Visit, writer: Writer) -> None:
    writer.write([f"line {number}" for number in range(700)], timedelta(minutes=5))
    visit.go("/logs/")
    assert texts(visit.page) == [f"line {number}" for number in range(200, 700)]
    expect(visit.page.get_by_text("line 699", exact=True)).to_be_in_viewport()
    expect(visit.page.get_by_text("line 200", exact=True)).not_to_be_in_viewport()
    visit.page.get_by_role("link", name="Older").click()
    expect(visit.page.locator(TEXTS)).to_have_count(200)
    assert texts(visit.page) == [f"line {number}" for number in range(200)]
    writer.write(["written meanwhile"])
    with visit.page.expect_response(re.compile("before=")):
        visit.page.get_by_role("link", name="Refresh").click()
    visit.wait("!document.querySelector('.htmx-request, .htmx-settling, .htmx-swapping')")
    assert texts(visit.page) == [f"line {number}" for number in range(200)], "the page is what it was"
    visit.page.get_by_role("link", name="Newer").click()
    expect(visit.page.locator(TEXTS)).to_have_count(500)
    assert texts(visit.page) == [f"line {number}" for number in range(200, 700)]
    visit.page.get_by_role("link", name="Newer").click()
    expect(visit.page.get_by_text("written meanwhile")).to_be_visible()
    assert texts(visit.page) == [*(f"line {number}" for number in range(201, 700)), "written meanwhile"]


def test_typing_filters_and_marks_without_losing_a_letter(visit: Visit, writer: Writer) -> None:
    writer.write(["Permission denied: a<i>b", "Warning: PERMISSION Denied", "Error: permission denied", "fine"])
    visit.go("/logs/")
    visit.page.get_by_label("Search the logs").press_sequentially("permission d", delay=20)
    expect(visit.page.locator("mark")).to_have_text(["Permission d", "PERMISSION D", "permission d"])
    assert texts(visit.page)[0] == "Permission denied: a<i>b"
    expect(visit.page.get_by_label("Search the logs")).to_be_focused()
    visit.wait("location.search.includes('permission')")
    visit.page.get_by_label("Level").select_option("error")
    expect(visit.page.locator(TEXTS)).to_have_text(["permission denied"])
    assert "level=error" in visit.page.url
    visit.page.reload()
    expect(visit.page.locator(TEXTS)).to_have_text(["permission denied"])
    visit.page.get_by_role("link", name="Clear all").click()
    expect(visit.page.locator(TEXTS)).to_have_count(4)


def test_following_brings_new_lines_and_stays_at_the_end(visit: Visit, writer: Writer) -> None:
    writer.write([f"line {number}" for number in range(60)], timedelta(minutes=1))
    visit.go("/logs/")
    visit.page.get_by_label("Follow").check()
    visit.wait("location.search.includes('follow=1')")
    for number in range(3):
        writer.write([f"new {number}"])
        expect(visit.page.get_by_text(f"new {number}", exact=True)).to_be_in_viewport(timeout=8000)
    assert texts(visit.page) == [*(f"line {number}" for number in range(60)), "new 0", "new 1", "new 2"]
    expect(visit.page.locator("#logs-count")).to_have_text("63 lines")
    place = scroll_to(visit.page, "line 10")
    writer.write(["new 3", "new 4"])
    expect(visit.page.get_by_text("new 4", exact=True)).to_be_attached(timeout=8000)
    assert abs(top_of(visit.page, "line 10") - place) < 2, "who reads further up is not moved"
    visit.page.get_by_label("Follow").uncheck()
    visit.wait("!document.querySelector('#logs-newer')")
    assert len(texts(visit.page)) == 65


def test_a_refresh_keeps_the_filters_and_the_reader_s_place(visit: Visit, writer: Writer) -> None:
    writer.write([f"line {number} {'y' * (number % 200)}" for number in range(600)], timedelta(minutes=5))
    visit.go("/logs/?search=line")
    wanted = f"line 300 {'y' * 100}"
    place = scroll_to(visit.page, wanted)
    writer.write(["line new 1", "line new 2", "other"])
    visit.page.get_by_role("link", name="Refresh").click()
    expect(visit.page.get_by_text("line new 2")).to_be_attached()
    assert abs(top_of(visit.page, wanted) - place) < 2
    assert texts(visit.page)[-1] == "line new 2"
    expect(visit.page.get_by_label("Search the logs")).to_have_value("line")
    assert len(texts(visit.page)) == 500


def exported(page: Page, name: str) -> str:
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as waiting:
        page.get_by_role("link", name=re.compile(name)).click()
    assert re.fullmatch(r"logs-\d{8}-\d{6}\.(txt|jsonl)", waiting.value.suggested_filename)
    return Path(waiting.value.path()).read_text()


def test_an_export_holds_exactly_what_is_shown(visit: Visit, writer: Writer) -> None:
    writer.write(["Error: <img src=x> \x1b[31m red", "fine", "Warning: denied\u202e txt.exe", "Error: 2 denied"])
    visit.go("/logs/?level=warn")
    shown = texts(visit.page)
    assert shown == [r"<img src=x> \x1b[31m red", r"denied\u202e txt.exe", "2 denied"]
    lines = exported(visit.page, "As text").splitlines()
    assert [line.partition('"Photos <b>": ')[2] for line in lines] == shown
    assert [line.split()[1] for line in lines] == ["error", "warn", "error"]
    visit.page.keyboard.press("Escape")
    rows: list[dict[str, Any]] = [json.loads(line) for line in exported(visit.page, "As JSON").splitlines()]
    assert [row["text"] for row in rows] == shown
    assert {row["job"] for row in rows} == {"Photos <b>"}


@only_whole
@pytest.mark.parametrize(("scheme", "size"), some([("light", WIDE), ("dark", PHONE)], 1))
def test_every_state_holds_for_axe_for_thumbs_and_for_the_narrowest_screen(
    new_visit: NewVisit, visit: Visit, writer: Writer, scheme: str, size: tuple[int, int]
) -> None:
    writer.write([f"/srv/{'a' * 255}/{'b ' * 90}", *(f"Warning: {number}" for number in range(600)), "Error: short"])
    seen = new_visit(visit.address, size=size, color_scheme=scheme, bypass_csp=True, reduced_motion="reduce")
    seen.allow_status(422)
    found = {}
    for query in ("", "follow=1", "search=aaa&from=2026-01-01", "search=nothing", "from=never", "level=error"):
        seen.go(f"/logs/?{query}")
        found[query] = judged(seen.page, size)
    for menu in ("Time", "Export"):
        seen.go("/logs/")
        seen.page.get_by_role("button", name=menu).click()
        found[menu] = judged(seen.page, size)
    assert {name: faults for name, faults in found.items() if faults} == {}


def judged(page: Page, size: tuple[int, int]) -> list[Any]:
    return [*found_by_axe(page), *([*too_small(page), *too_wide(page, NARROW)] if size == PHONE else [])]


def test_without_javascript_every_filter_and_page_works(new_visit: NewVisit, visit: Visit, writer: Writer) -> None:
    writer.write([f"Warning: line {number}" for number in range(600)], timedelta(minutes=1))
    plain = new_visit(visit.address, java_script_enabled=False)
    plain.go("/logs/")
    plain.page.get_by_role("link", name="Older").click()
    assert texts(plain.page) == [f"line {number}" for number in range(100)]
    plain.page.get_by_role("link", name="Newest").click()
    plain.page.get_by_label("Search the logs").fill("LINE 59")
    plain.page.get_by_label("Level").select_option("warn")
    plain.page.get_by_role("button", name="Show").click()
    assert texts(plain.page) == ["line 59", *(f"line {number}" for number in range(590, 600))]
    expect(plain.page.get_by_label("Follow")).to_be_hidden()
