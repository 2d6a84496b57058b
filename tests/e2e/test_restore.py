"""A person gets files back: looks into the copy, chooses, and decides about what is in the way."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browser import PHONE, NewVisit, Product
from tests.e2e.judging import NARROW, found_by_axe, too_small, too_wide
from tests.e2e.test_accessibility import window
from tests.servers import until

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
HOSTILE = "2026/<script>alert(1) new\nline"


def backed_up(product: Product, root: Path) -> str:
    """A job with a copy; then a file at the source is newer, one older, one gone."""
    source = root / "photos"
    for name in (HOSTILE, "2026/newer", "2026/older", "2026/gone", "top"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(f"the copy of {name}")
    job_id = product.server.create_job(source, root / "copy")
    product.server.ended(product.server.start(job_id))
    for name, moment in (("newer", 2e9), ("older", 1e9)):
        (source / "2026" / name).write_text(name)
        os.utime(source / "2026" / name, (moment, moment))
    (source / "2026/gone").unlink()
    return job_id


def ended(product: Product, page: Page, heading: str) -> str:
    """Wait on the run's page for its end; its id."""
    expect(page.locator("h1")).to_contain_text(heading, timeout=30_000)
    run_id = page.url.rsplit("/", 1)[1]
    assert product.server.ended(run_id)["state"] == "done"
    return run_id


def press_when_offered(page: Page, path: str, name: str) -> None:
    """Without scripts a page that came a moment too early is asked for again."""
    button = page.get_by_role("button", name=name)
    until(lambda: page.goto(path) and button.is_visible())
    button.click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "by plain forms"])
def test_files_come_back_and_nothing_is_replaced_unasked(
    product: Product, new_visit: NewVisit, tmp_path: Path, scripts: bool
) -> None:
    job_id, back = backed_up(product, tmp_path), tmp_path / "back"
    page = new_visit(product.address, java_script_enabled=scripts).page
    page.goto(f"/jobs/{job_id}/restore")
    page.get_by_role("link", name="2026", exact=True).click()
    page.get_by_label("<script>alert(1) new\\nline").check()
    page.get_by_role("textbox", name="New folder").fill(str(back))
    page.get_by_role("button", name="Restore chosen").click()
    ended(product, page, "Restore of")
    assert [path.read_text() for path in back.rglob("*") if path.is_file()] == [f"the copy of {HOSTILE}"]

    page.goto(f"/jobs/{job_id}/restore")
    page.get_by_label("The folder 2026").check()
    page.get_by_role("radio", name="Where they came from").check()
    page.get_by_role("button", name="Restore chosen").click()
    page.wait_for_url("**/runs/*")
    product.server.ended(page.url.rsplit("/", 1)[1])
    page.reload()
    expect(page.locator("h1")).to_have_text("This restore would replace 2 files")
    expect(page.get_by_text("1 file in the way is newer than the copy.")).to_be_visible()
    preview = page.url
    press_when_offered(page, preview, "Only what is missing: 1 file")
    ended(product, page, "Restore of")
    folder = tmp_path / "photos/2026"
    assert [(folder / name).read_text() for name in ("newer", "older")] == ["newer", "older"]
    assert (folder / "gone").read_text() == "the copy of 2026/gone"

    press_when_offered(page, preview, "Replace 2 files")
    ended(product, page, "Restore of")
    assert (folder / "newer").read_text() == "the copy of 2026/newer"


def test_the_pages_of_a_restore_hold_for_axe_for_thumbs_and_for_the_narrowest_screen(
    product: Product, new_visit: NewVisit, tmp_path: Path
) -> None:
    job_id = backed_up(product, tmp_path)
    asked = product.server.api("POST", f"/jobs/{job_id}/restore", json={"preview": True}).json()
    preview = product.server.ended(asked["data"]["run_id"])["id"]
    page = window(new_visit, product.address, "dark", PHONE).page
    page.goto(f"/jobs/{job_id}/restore")
    folder = page.get_by_role("link", name="2026", exact=True).get_attribute("href")
    for path in (str(folder), f"/jobs/{job_id}/runs/{preview}"):
        page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
        page.goto(path)
        assert [*found_by_axe(page), *too_small(page)] == [], path
        page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
        assert too_wide(page, NARROW) == [], path
