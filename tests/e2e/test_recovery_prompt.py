"""The recovery prompt: a run that died is offered on every page, and each answer of a person does what it says."""

import os
import signal
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.browser import NewVisit, Product, Visit
from tests.e2e.hashes import assert_same
from tests.faults.kills_world import supervisors
from tests.servers import until
from tests.whole import some

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
PAGES = ("/", "/jobs/", "/logs/", "/settings/")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    source = tmp_path / "source"
    source.mkdir()
    for number in range(20):
        (source / f"photo {number}.jpg").write_bytes(os.urandom(300_000))
    return source


def died(product: Product, source: Path, dest: Path) -> str:
    """The id of a job whose run lost its supervisor at half its way."""
    job_id = product.server.create_job(source, dest, settings={"bandwidth_limit": 800})
    run_id = product.server.start(job_id)
    until(lambda: (product.run(run_id)["percent"] or 0) > 20)
    for pid in supervisors(product.data):
        os.kill(pid, signal.SIGKILL)
    assert product.server.ended(run_id)["state"] == "interrupted"
    return job_id


def prompt(visit: Visit) -> Locator:
    return visit.page.locator("#recovery").filter(has_text="was interrupted")


def see_prompt(visit: Visit, path: str) -> None:
    """By a page asked for again, as a person without JavaScript does."""
    until(lambda: visit.go(path).ok and prompt(visit).is_visible())


def test_an_interrupted_run_is_offered_on_every_page_and_resumed_from_there(
    own_product: Product, new_visit: NewVisit, source: Path, tmp_path: Path
) -> None:
    visit = new_visit(own_product.address)
    visit.go("/settings/")
    visit.live()
    job_id = died(own_product, source, tmp_path / "copy")
    expect(prompt(visit)).to_be_visible()
    for path in PAGES:
        visit.go(path)
        expect(prompt(visit)).to_contain_text("Photos")
    own_product.server.api("PATCH", f"/jobs/{job_id}", json={"settings": {"bandwidth_limit": 0}})
    prompt(visit).get_by_role("button", name="Resume").click()
    expect(prompt(visit)).to_have_count(0)
    until(lambda: own_product.runs(job_id)[0]["state"] == "done")
    assert_same(source, tmp_path / "copy")


@pytest.mark.parametrize("java_script", some([True, False], 0))
def test_a_run_is_marked_paused_or_dismissed(
    own_product: Product, new_visit: NewVisit, source: Path, tmp_path: Path, java_script: bool
) -> None:
    job_id = died(own_product, source, tmp_path / "copy")
    visit = new_visit(own_product.address, java_script_enabled=java_script)
    see_prompt(visit, "/")
    prompt(visit).get_by_role("button", name="Dismiss for now").click()
    expect(prompt(visit)).to_have_count(0)
    assert own_product.runs(job_id)[0]["state"] == "interrupted"
    second = died(own_product, source, tmp_path / "second")
    see_prompt(visit, "/logs/")
    prompt(visit).get_by_role("button", name="Mark paused").click()
    expect(prompt(visit)).to_have_count(0)
    assert {job["id"]: job["status"] for job in own_product.jobs()}[second] == "paused"
