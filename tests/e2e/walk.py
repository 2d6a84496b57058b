"""What a person does on the pages, with a mouse and a keyboard, JavaScript or not; and what the bar must have shown."""

import re
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.browser import Visit

ENDED = re.compile("Done|Failed|Paused|Interrupted")


def create_first(page: Page, source: str, dest: Path) -> str:
    """The first job by the first-run page; its id."""
    page.goto("/")
    page.locator("#field-source").fill(source)
    page.locator("#field-dest").fill(str(dest))
    page.get_by_role("button", name="Create the job").click()
    page.wait_for_url(re.compile("/jobs/[0-9a-f-]{36}$"))
    return page.url.rsplit("/", 1)[1]


def create(page: Page, name: str, source: str, dest: Path) -> str:
    """A job by the form on its own page; its id."""
    page.goto("/jobs/create")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Source", exact=True).fill(source)
    page.get_by_label("Destination", exact=True).fill(str(dest))
    page.get_by_role("button", name="Create the job").click()
    page.wait_for_url(re.compile("/jobs/[0-9a-f-]{36}$"))
    return page.url.rsplit("/", 1)[1]


def limit_speed(page: Page, job_id: str, limit: int) -> None:
    """Set the speed limit in the job's form."""
    page.goto(f"/jobs/{job_id}/edit")
    page.get_by_text("Speed limit").click()
    page.get_by_label("At most").fill(str(limit))
    page.get_by_role("button", name="Save the job").click()
    page.wait_for_url(f"**/jobs/{job_id}")


def press(page: Page, name: str) -> None:
    """The one button in the head of a job's or run's page."""
    page.locator(".page-acts").get_by_role("button", name=re.compile(f"^{name}")).click()


def start(page: Page, job_id: str, name: str = "Start now") -> str:
    """Start on the job's page, which leads to the run's page; the run's id."""
    page.goto(f"/jobs/{job_id}")
    press(page, name)
    page.wait_for_url("**/runs/*")
    return page.url.rsplit("/", 1)[1]


def is_past(percent: float) -> str:
    """True in a page whose bar has gone that far."""
    return f"window.watched.some((seen) => seen.bar > {percent})"


def state_on(visit: Visit) -> str:
    return visit.page.locator("h1 .pill").inner_text().strip()


def see_end(visit: Visit, word: str, seconds: float = 60) -> None:
    """The page comes to say `word` by itself."""
    expect(visit.page.locator("h1 .pill")).to_have_text(ENDED, timeout=seconds * 1000)
    assert state_on(visit) == word, visit.page.locator("main").inner_text()


def assert_watchable(watched: list[dict[str, Any]], at_least: int = 5) -> None:
    """The bar moved, never backwards, beside bytes, files, rate, time left and the current file."""
    for run in {seen["run"] for seen in watched}:
        bars = [seen["bar"] for seen in watched if seen["run"] == run and seen["bar"] is not None]
        assert bars == sorted(bars)
    assert len({seen["bar"] for seen in watched}) >= at_least, [seen["bar"] for seen in watched]
    for name, pattern in FIGURES.items():
        found = {seen[name] for seen in watched if seen[name] and re.fullmatch(pattern, seen[name], re.DOTALL)}
        assert found, (name, {seen[name] for seen in watched})


FIGURES = {
    "percent": r"\d{1,3}",
    "bytes": r"[\d.]+( [kMG]B)? of (about )?[\d.]+ [MG]B",
    "files": r"[\d,]+",
    "files_of": r"of [\d,]+",
    "speed": r"[\d.]+ [kMG]B/s",
    "eta": r"a few seconds left|about .* left",
    "file": r".+",
}
