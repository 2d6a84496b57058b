"""The server is killed during a transfer and started again: an open page finds its way back by itself."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e import hostile_tree, walk
from tests.e2e.browser import NewVisit, Product
from tests.e2e.hashes import assert_same
from tests.servers import until

pytestmark = pytest.mark.browser
SIZE, LIMIT = 36_000_000, 2_000


@pytest.mark.both_modes
def test_an_open_page_reconnects_and_shows_the_truth_within_five_seconds(
    own_product: Product, new_visit: NewVisit, tmp_path: Path
) -> None:
    product, visit = own_product, new_visit(own_product.address)
    visit.allow_outage()
    source, dest = tmp_path / "source", tmp_path / "copy"
    hostile_tree.make(source, 120, SIZE)
    job_id = product.server.create_job(source, dest, settings={"bandwidth_limit": LIMIT})
    run_id = walk.start(visit.page, job_id)
    visit.page.evaluate("window.isTheSamePage = true")
    visit.live()
    visit.wait(walk.is_past(15))

    product.kill()
    visit.wait("document.documentElement.dataset.connection === 'offline'", 8)
    expect(visit.page.locator(".away").get_by_text("Runs carry on without this page")).to_be_visible()
    expect(visit.page.locator(".away")).to_contain_text(re.compile(r"No connection since \d\d:\d\d\."))
    product.start()  # returns with its first answer
    percent = product.run(run_id)["percent"]
    visit.wait(f"{percent} <= Math.max(...window.watched.map((seen) => seen.bar))", 5)
    visit.wait("document.documentElement.dataset.connection === 'live'", 5)
    expect(visit.page.locator(".away")).to_be_hidden()
    assert walk.state_on(visit) == "Transferring"

    walk.see_end(visit, "Done")
    assert visit.page.evaluate("window.isTheSamePage"), "the page was loaded again"
    walk.assert_watchable(visit.watched())
    assert_same(source, dest)


def test_a_run_that_ended_while_the_server_was_away_is_told(
    own_product: Product, new_visit: NewVisit, tmp_path: Path
) -> None:
    product, visit = own_product, new_visit(own_product.address)
    visit.allow_outage()
    source, dest = tmp_path / "source", tmp_path / "copy"
    hostile_tree.make(source, 80, 6_000_000)
    job_id = product.server.create_job(source, dest, settings={"bandwidth_limit": 3_000})
    run_id = walk.start(visit.page, job_id)
    visit.live()
    product.kill()
    ended = product.data / "runs" / "ended.jsonl"
    until(lambda: ended.exists() and run_id in ended.read_text())  # by the supervisor alone
    product.start()
    walk.see_end(visit, "Done", 5)


def test_a_run_that_began_under_an_open_page_is_announced_once(
    own_product: Product, new_visit: NewVisit, tmp_path: Path
) -> None:
    product, visit = own_product, new_visit(own_product.address)
    visit.allow_outage()
    source = tmp_path / "source"
    hostile_tree.make(source, 40, 40_000_000)
    job_id = product.server.create_job(source, tmp_path / "copy", settings={"bandwidth_limit": 2_000})
    visit.go(f"/jobs/{job_id}")
    visit.live()
    product.server.start(job_id)
    begun = "window.spoken.filter((words) => words.includes('started')).length"
    visit.wait(f"{begun} === 1", 5)
    product.kill()
    visit.wait("document.documentElement.dataset.connection === 'offline'", 8)
    product.start()
    visit.wait("document.documentElement.dataset.connection === 'live'", 8)
    product.server.api("POST", f"/jobs/{job_id}/pause")
    visit.wait("window.spoken.some((words) => words.includes('paused'))", 8)
    assert visit.page.evaluate(begun) == 1, visit.page.evaluate("window.spoken")
