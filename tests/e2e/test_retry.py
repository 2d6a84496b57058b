"""Files that could not be copied, in a browser: told why, listed, mended, copied alone; the job is protected again."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import walk
from tests.e2e.browser import NewVisit, Product
from tests.whole import some

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
NAMES = ("letters/a & b.txt", "<b>bold</b>", "-rf")


@pytest.mark.parametrize("engine", ["rsync", "rclone"])
@pytest.mark.parametrize("script", some([True, False], 0))
def test_what_was_left_out_is_retried_alone(
    product: Product, new_visit: NewVisit, tmp_path: Path, engine: str, script: bool
) -> None:
    source, dest = tmp_path / "papers", tmp_path / "copy"
    for name in (*NAMES, "fine"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(name)
    for name in NAMES:
        (dest / name / "in the way").mkdir(parents=True)
    visit = new_visit(product.address, java_script_enabled=script)
    page = visit.page
    page.goto("/jobs/create")
    page.get_by_label("Name", exact=True).fill(f"Papers {engine} {script}")
    page.locator(f"[name=type][value={engine}]").check()
    page.get_by_label("Source", exact=True).fill(f"{source}/")
    page.get_by_label("Destination", exact=True).fill(str(dest))
    page.get_by_role("button", name="Create the job").click()
    page.wait_for_url("**/jobs/*-*")
    job_page = page.url
    walk.press(page, "Start now")
    page.wait_for_url("**/runs/*")
    first = page.url
    see(page, first, "Done with warnings" if engine == "rsync" else "Failed")
    expect(page.get_by_role("heading", name="3 files not copied")).to_be_visible()
    for name in NAMES:
        expect(page.get_by_text(name, exact=True).first).to_be_visible()

    for name in NAMES:
        shutil.rmtree(dest / name)
    (source / "new since").write_text("for the next run")
    page.get_by_role("button", name="Retry only these").click()
    page.wait_for_url(lambda address: "/runs/" in address and address != first)
    see(page, page.url, "Done")
    expect(page.locator("h1")).to_contain_text("Retry of")
    assert {path.name: path.read_text() for path in dest.rglob("*") if path.is_file()} == {
        Path(name).name: name for name in (*NAMES, "fine")
    }

    page.goto(first)
    expect(page.get_by_text("All of them have been copied since")).to_be_visible()
    expect(page.get_by_role("button", name="Retry only these")).to_have_count(0)
    page.goto(job_page)
    expect(page.locator("h1 .pill")).to_have_text("Protected")


def see(page: Page, address: str, word: str) -> None:
    """The run's page says so at last; without scripts it has to be asked again."""
    for _ in range(60):
        page.goto(address)
        if page.locator("h1 .pill").inner_text() == word:
            return
        page.wait_for_timeout(500)
    expect(page.locator("h1 .pill")).to_have_text(word)
