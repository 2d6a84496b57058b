"""A job by rclone between two folders, in a browser: previewed, run exactly so, verified, a planted fault listed."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import walk
from tests.e2e.browser import NewVisit, Product

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
SECONDS = 60_000


def create_by_rclone(page: Page, source: Path, dest: Path) -> str:
    page.goto("/jobs/create")
    page.get_by_label("Name", exact=True).fill("Films")
    page.locator("[name=type][value=rclone]").check()
    expect(page.get_by_text("Remote access")).to_be_hidden()
    page.get_by_label("Source", exact=True).fill(str(source))
    page.get_by_label("Destination", exact=True).fill(str(dest))
    page.get_by_role("button", name="Create the job").click()
    page.wait_for_url("**/jobs/*-*")
    return page.url.rsplit("/", 1)[1]


def verify_now(page: Page, job_id: str) -> None:
    page.goto(f"/jobs/{job_id}")
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("button", name="Verify now").click()
    page.wait_for_url("**/runs/*")


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def plant(path: Path) -> None:
    """Another byte, under the same size and time."""
    seen = path.stat()
    content = bytearray(path.read_bytes())
    content[0] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(seen.st_atime_ns, seen.st_mtime_ns))


def test_a_copy_is_previewed_run_verified_and_found_wanting(
    product: Product, new_visit: NewVisit, tmp_path: Path
) -> None:
    source, dest = tmp_path / "films", tmp_path / "copy"
    for name in ("old/a.mkv", "old/b.mkv", "<i>new.mkv"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes(name.encode() * 1000)
    (dest / "old").mkdir(parents=True)
    (dest / "old/a.mkv").write_bytes(b"another version")
    visit = new_visit(product.address)
    page = visit.page
    job_id = create_by_rclone(page, source, dest)

    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_role("button", name="Preview").click()
    page.wait_for_url("**/runs/*")
    expect(page.locator("h1")).to_have_text("A run would copy 3 files", timeout=SECONDS)
    expect(page.get_by_text("a.mkv", exact=True)).to_be_visible()
    assert (dest / "old/a.mkv").read_bytes() == b"another version"

    page.get_by_role("button", name="Run exactly this: copy 3 files").click()
    page.wait_for_url("**/runs/*")
    walk.see_end(visit, "Done")
    assert contents(dest) == contents(source)

    verify_now(page, job_id)
    walk.see_end(visit, "Done")
    expect(page.get_by_role("heading", name="The copy is proven")).to_be_visible()

    plant(dest / "<i>new.mkv")
    verify_now(page, job_id)
    walk.see_end(visit, "Failed")
    expect(page.get_by_role("heading", name="The copy is not proven")).to_be_visible()
    expect(page.locator(".finding")).to_contain_text(["<i>new.mkv"])
    page.get_by_role("link", name="List and search").click()
    expect(page.locator(".finding .name")).to_have_text(["<i>new.mkv"])
    page.goto(f"/jobs/{job_id}")
    expect(page.get_by_text("The copy is not proven.")).to_be_visible()
