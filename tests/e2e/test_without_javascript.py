"""Without JavaScript plain forms and links create, start, pause, resume and delete, and every page refreshes."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import hostile_tree, walk
from tests.e2e.browser import NewVisit, Product
from tests.e2e.hashes import assert_same, complete_files
from tests.servers import until

pytestmark = pytest.mark.browser
SIZE, LIMIT = 24_000_000, 6_000


def refreshed(page: Page) -> Page:
    """The page again, by the link where the badge would be."""
    page.locator(".sidebar").get_by_role("link", name="Refresh").click()
    return page


@pytest.mark.both_modes
def test_a_backup_by_plain_forms(product: Product, new_visit: NewVisit, tmp_path: Path) -> None:
    visit = new_visit(product.address, java_script_enabled=False)
    page, source, dest = visit.page, tmp_path / "source", tmp_path / "copy"
    made = hostile_tree.make(source, 200, SIZE)
    job_id = walk.create_first(page, f"{source}/", dest)
    expect(page.get_by_text("source created")).to_be_visible()
    walk.limit_speed(page, job_id, LIMIT)

    first = walk.start(page, job_id)
    until(lambda: (product.run(first)["percent"] or 0) > 30)
    refreshed(page)
    assert float(page.locator("progress").first.get_attribute("value") or 0) >= 30
    walk.press(page, "Pause")
    product.server.ended(first)
    until(lambda: refreshed(page).get_by_role("button", name="Resume").is_visible(), 5)
    assert walk.state_on(visit) == "Paused"
    whole = complete_files(source, dest)

    walk.press(page, "Resume")
    second = page.url.rsplit("/", 1)[1]
    assert second != first
    product.server.ended(second)
    refreshed(page)
    assert walk.state_on(visit) == "Done"
    assert product.run(second)["result"]["files_transferred"] == made.files - len(whole)
    assert_same(source, dest)


def test_errors_stand_beside_the_fields_and_nothing_typed_is_lost(product: Product, new_visit: NewVisit) -> None:
    visit = new_visit(product.address, java_script_enabled=False)
    visit.allow_status(422)
    visit.go("/jobs/create")
    visit.page.get_by_label("Name", exact=True).fill("My job")
    visit.page.get_by_label("Source", exact=True).fill("not absolute")
    visit.page.get_by_role("button", name="Create the job").click()
    expect(visit.page.locator("#field-source-error")).to_be_visible()
    expect(visit.page.get_by_label("Name", exact=True)).to_have_value("My job")
    expect(visit.page.get_by_label("Source", exact=True)).to_have_value("not absolute")
    assert product.jobs() == []


def test_checking_a_form_shows_the_resulting_folder(product: Product, new_visit: NewVisit, tmp_path: Path) -> None:
    visit = new_visit(product.address, java_script_enabled=False)
    visit.go("/jobs/create")
    visit.page.get_by_label("Source", exact=True).fill(str(tmp_path))
    visit.page.get_by_label("Destination", exact=True).fill("/tmp/nowhere")
    visit.page.get_by_role("button", name="Check").click()
    expect(visit.page.get_by_text(f"/tmp/nowhere/{tmp_path.name}")).to_be_visible()
    assert product.jobs() == []


def test_a_job_is_deleted_after_a_question(product: Product, new_visit: NewVisit, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    job_id = product.server.create_job(source, tmp_path / "copy")
    visit = new_visit(product.address, java_script_enabled=False)
    visit.go(f"/jobs/{job_id}")
    visit.page.get_by_role("button", name="More").click()
    visit.page.get_by_role("link", name="Delete…").click()
    expect(visit.page.get_by_text("Stays:")).to_be_visible()
    visit.page.get_by_role("button", name="Delete the job").click()
    visit.page.wait_for_url("**/jobs/")
    assert product.jobs() == []


@pytest.mark.parametrize("path", ["/", "/jobs/", "/logs/", "/settings/"])
def test_every_page_is_complete_and_can_be_refreshed(
    product: Product, new_visit: NewVisit, tmp_path: Path, path: str
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    product.server.create_job(source, tmp_path / "copy")
    visit = new_visit(product.address, java_script_enabled=False)
    visit.go(path)
    heading = visit.page.locator("h1").first.inner_text()
    refreshed(visit.page)
    expect(visit.page.locator("h1").first).to_have_text(heading)
