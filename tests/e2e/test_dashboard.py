"""The dashboard while it is open: nothing that happens in between is lost, and it asks as often as the setting says."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.browser import PHONE, NewVisit, Product, Visit
from tests.servers import until

pytestmark = pytest.mark.browser
CHANGE = "document.body.dispatchEvent(new CustomEvent('jobs:changed'))"


def a_job(product: Product, folder: Path, name: str = "Photos") -> str:
    source = folder / f"source {name}"
    source.mkdir()
    (source / "a file").write_bytes(b"x" * 100_000)
    return product.server.create_job(source, folder / f"copy {name}", name=name)


def test_what_changes_while_a_panel_is_on_its_way_is_asked_for_again(
    product: Product, visit: Visit, tmp_path: Path
) -> None:
    """htmx drops what it queued behind a request whose answer changes the element."""
    a_job(product, tmp_path)
    visit.go("/")
    visit.live()
    held: list[Route] = []
    visit.page.route("**/recent-activity*", lambda route: route.continue_() if held else held.append(route))
    a_job(product, tmp_path, "Videos")
    visit.page.evaluate(CHANGE)
    while not held:
        visit.page.wait_for_timeout(20)
    visit.page.evaluate(CHANGE)
    visit.page.wait_for_timeout(700)
    with visit.page.expect_request("**/recent-activity*", timeout=2000):
        held[0].continue_()


@pytest.mark.parametrize("press", ["", "Refresh"])
def test_a_proxy_that_reaches_nobody_for_a_while_leaves_the_page_as_it_was(
    product: Product, visit: Visit, tmp_path: Path, press: str
) -> None:
    """Its page about that is a whole one, and would take the place of what asks again afterwards."""
    a_job(product, tmp_path)
    visit.allow_status(502)
    visit.allow("Response Status Error Code 502")
    visit.go("/logs/" if press else "/")
    visit.live()
    page, answered = visit.page, list[str]()

    def in_the_way(route: Route) -> None:
        answered.append(route.request.url)
        route.fulfill(status=502, content_type="text/html", body="<html><h1>502 Bad Gateway</h1>nginx</html>")

    part = re.compile("/logs/" if press else "/(stats|active-jobs|recent-activity)")
    page.route(part, in_the_way)
    page.get_by_role("link", name=press).click() if press else page.evaluate(CHANGE)
    while len(answered) < (1 if press else 3):
        page.wait_for_timeout(20)
    page.wait_for_timeout(300)
    assert "Bad Gateway" not in page.locator("body").inner_text()
    page.unroute(part)
    if press:
        with page.expect_response(part):
            page.get_by_role("link", name=press).click()
    else:
        a_job(product, tmp_path, "Videos")
        expect(page.locator("main")).to_contain_text("Videos")


def seconds_between_polls(visit: Visit) -> float:
    """Of the panel of active jobs, which nothing else makes ask meanwhile."""
    asked: list[float] = []
    visit.page.on("request", lambda request: asked.append(time.monotonic()) if "/active-jobs" in request.url else None)
    while len(asked) < 2:
        visit.page.wait_for_timeout(20)
    return asked[1] - asked[0]


def test_an_open_dashboard_follows_the_refresh_interval(
    own_product: Product, new_visit: NewVisit, tmp_path: Path
) -> None:
    a_job(own_product, tmp_path)
    visit = new_visit(own_product.address)
    visit.go("/")
    visit.live()
    visit.page.wait_for_timeout(1500)
    assert seconds_between_polls(visit) > 2.5
    (own_product.data / "settings.yaml").write_text("auto_refresh_interval: 1\n")
    visit.page.wait_for_timeout(5000)
    assert seconds_between_polls(visit) < 2


def seconds(clock: str) -> int:
    hours, minutes, rest = map(int, clock.split(":"))
    return 3600 * hours + 60 * minutes + rest


def test_the_page_says_when_it_was_last_told_something(product: Product, visit: Visit, tmp_path: Path) -> None:
    a_job(product, tmp_path)
    visit.go("/")
    told = "document.querySelector('[data-updated]').textContent"
    before = visit.page.evaluate(told)
    visit.wait(f"{told} !== '{before}'")
    clock, shown = visit.page.evaluate(f"[new Date().toLocaleTimeString('en-GB'), {told}]")
    assert (seconds(clock) - seconds(shown)) % 86_400 <= 5, "also at midnight"


def test_a_phone_shows_fourteen_days_and_nothing_sideways(
    product: Product, new_visit: NewVisit, tmp_path: Path
) -> None:
    job_id = a_job(product, tmp_path)
    product.server.ended(product.server.start(job_id))
    visit = new_visit(product.address, size=PHONE)
    visit.go("/")
    expect(visit.page.get_by_role("heading", name="Last 14 days")).to_be_visible()
    cut = visit.page.evaluate(
        """() => {
             const [frame, strip] = [document.querySelector(".days"), document.querySelector(".days svg")];
             const [outer, inner] = [frame.getBoundingClientRect(), strip.getBoundingClientRect()];
             return [outer.width, inner.width, Math.abs(outer.right - inner.right) < 1];
           }"""
    )
    assert cut == [122, 266, True], "14 of the 30 days, the newest at the right"
    assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_without_javascript_refresh_is_a_link(product: Product, new_visit: NewVisit, tmp_path: Path) -> None:
    job_id = a_job(product, tmp_path)
    visit = new_visit(product.address, java_script_enabled=False)
    visit.go("/")
    assert "Nothing has run yet" in visit.page.locator("#recent-activity").inner_text()
    product.server.ended(product.server.start(job_id))

    def refreshed() -> bool:
        visit.page.get_by_role("link", name="Refresh").locator("visible=true").first.click()
        return "finished" in visit.page.locator("#recent-activity").inner_text()

    until(refreshed)
    expect(visit.page.get_by_role("heading", name="Your job is protected")).to_be_visible()


@pytest.mark.parametrize("java_script", [True, False], ids=["live", "plain links"])
def test_its_cards_lead_to_jobs_logs_and_settings(
    product: Product, new_visit: NewVisit, tmp_path: Path, java_script: bool
) -> None:
    a_job(product, tmp_path)
    visit = new_visit(product.address, java_script_enabled=java_script)
    for name, path in (("Jobs", "/jobs/"), ("Logs", "/logs/"), ("Settings", "/settings/")):
        visit.go("/")
        visit.page.get_by_role("main").get_by_role("link", name=re.compile(f"^{name} ")).click()
        visit.page.wait_for_url(f"**{path}")
        expect(visit.page.get_by_role("heading", level=1)).to_have_text(name)
