"""Several tabs of one browser: one connection to the server, and each shows the truth as if it were alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import hostile_tree, walk
from tests.e2e.browser import NewVisit, Product, Visit
from tests.e2e.nginx import Nginx
from tests.servers import DEADLINE, until

pytestmark = pytest.mark.browser
LOGGED = (
    "location /socket.io {{ access_log {log}; "
    "proxy_pass {target}; proxy_http_version 1.1; proxy_set_header Host $http_host; }}"
)
BADGE = "document.documentElement.dataset.connection"


class Gate:
    """A proxy before the server that counts the connections of the live channel."""

    def __init__(self, folder: Path, product: Product) -> None:
        self._log = folder / "live.log"
        more = LOGGED.format(log=self._log, target=product.address)
        self.nginx = Nginx(folder / "nginx", product.address, more)

    def opened(self) -> int:
        """How many were opened so far: each begins with a request without an id, that the server answers."""
        asked = self._log.read_text().splitlines() if self._log.exists() else []
        return sum("/socket.io/" in line and "sid=" not in line and '" 200 ' in line for line in asked)


@pytest.fixture
def gate(own_product: Product, tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(tmp_path, own_product)
    with gate.nginx:
        yield gate


def a_job(product: Product, folder: Path, name: str = "Photos") -> str:
    source = folder / f"source {name}"
    hostile_tree.make(source, 60, 8_000_000)
    settings = {"bandwidth_limit": 3_000, "list_files": True}
    return product.server.create_job(source, folder / f"copy {name}", name=name, settings=settings)


def wait(page: Page, expression: str, seconds: float = DEADLINE) -> None:
    """Until the expression is true in that tab."""

    def look() -> bool:
        page.wait_for_timeout(20)
        return bool(page.evaluate(expression))

    until(look, seconds)


def tab(visit: Visit, path: str) -> Page:
    page = visit.open()
    page.goto(path, wait_until="load")
    wait(page, f"{BADGE} === 'live'")
    return page


def spoken(page: Page) -> list[str]:
    return list(page.evaluate("window.spoken"))


def test_four_tabs_share_a_connection_and_none_misses_or_doubles_anything(
    own_product: Product, gate: Gate, new_visit: NewVisit, tmp_path: Path
) -> None:
    job_id, other = a_job(own_product, tmp_path), a_job(own_product, tmp_path, "Videos")
    visit = new_visit(gate.nginx.address)
    visit.allow("WebSocket")
    dashboard, job, jobs, bystander = (
        tab(visit, path) for path in ("/", f"/jobs/{job_id}", "/jobs/", f"/jobs/{other}")
    )
    run_id = own_product.server.start(job_id)
    run = tab(visit, f"/jobs/{job_id}/runs/{run_id}")
    for page in (run, dashboard):
        wait(page, walk.is_past(40), 30)
    until(lambda: own_product.run(run_id)["ended_at"], 30)
    expect(run.locator("h1 .pill")).to_have_text("Done")
    expect(job.locator("h1 .pill")).to_have_text("Protected")
    expect(dashboard.locator("#active-jobs li")).to_have_count(0)
    expect(dashboard.locator(f"#recent-{run_id}")).to_contain_text("finished")
    expect(jobs.locator(f"#job-{job_id}")).to_contain_text("Protected")
    for page in (job, run):
        said = spoken(page)
        assert sum("done" in words for words in said) == 1, said
        assert all(sum(f"{quarter} percent" in words for words in said) <= 1 for quarter in (25, 50, 75)), said
    assert spoken(bystander) == []
    shown = run.locator("[data-log] .log-line").all_inner_texts()
    assert len(shown) == len(own_product.server.api("GET", f"/runs/{run_id}/log").text.splitlines())
    for page in (dashboard, job, jobs, bystander, run):
        assert page.locator(".toast:visible").count() == 0
        assert page.evaluate(BADGE) == "live"
    assert gate.opened() == 1


def test_every_tab_says_offline_and_live_again_with_one_connection_more(
    own_product: Product, gate: Gate, new_visit: NewVisit, tmp_path: Path
) -> None:
    a_job(own_product, tmp_path)
    visit = new_visit(gate.nginx.address)
    visit.allow_outage()
    visit.allow("status of 502", "Status Error Code 502")
    pages = [tab(visit, path) for path in ("/", "/jobs/", "/logs/")]
    assert gate.opened() == 1
    own_product.kill()
    for page in pages:
        wait(page, f"{BADGE} === 'offline'")
    own_product.start()
    for page in pages:
        wait(page, f"{BADGE} === 'live'", 5)
    assert gate.opened() == 2


def test_a_closed_tab_leaves_the_others_live(
    own_product: Product, gate: Gate, new_visit: NewVisit, tmp_path: Path
) -> None:
    job_id = a_job(own_product, tmp_path)
    visit = new_visit(gate.nginx.address)
    visit.allow("WebSocket")
    dashboard = tab(visit, "/")
    tab(visit, f"/jobs/{job_id}").close()
    own_product.server.start(job_id)
    wait(dashboard, walk.is_past(40), 30)
    assert gate.opened() == 1


def test_without_shared_workers_each_tab_has_a_connection_of_its_own(
    own_product: Product, gate: Gate, new_visit: NewVisit, tmp_path: Path
) -> None:
    job_id = a_job(own_product, tmp_path)
    visit = new_visit(gate.nginx.address)
    visit.allow("WebSocket")
    visit.context.add_init_script("delete window.SharedWorker")
    dashboard, job = tab(visit, "/"), tab(visit, f"/jobs/{job_id}")
    own_product.server.start(job_id)
    wait(dashboard, walk.is_past(40), 30)
    expect(job.locator("h1 .pill")).to_have_text("Protected", timeout=30_000)
    assert gate.opened() == 2
