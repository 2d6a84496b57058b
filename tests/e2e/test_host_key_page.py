"""An ssh host that nobody knows yet: its fingerprints are shown and confirmed before anything is sent."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e import walk
from tests.e2e.browser import NewVisit, Product
from tests.e2e.hashes import assert_same
from tests.e2e.remote_hosts import SshHost
from tests.whole import some

pytestmark = pytest.mark.browser


@pytest.fixture
def job_id(product: Product, sshd: SshHost, tmp_path: Path) -> str:
    source = tmp_path / "source"
    source.mkdir()
    (source / "file").write_bytes(bytes(100_000))
    return product.server.create_job(source, Path(sshd.address(tmp_path / "copy")), settings=sshd.access)


@pytest.mark.parametrize("has_script", some([True, False], 0))
def test_the_fingerprint_is_shown_and_confirmed(
    product: Product, new_visit: NewVisit, sshd: SshHost, job_id: str, tmp_path: Path, has_script: bool
) -> None:
    visit = new_visit(product.address, java_script_enabled=has_script)
    visit.allow_status(409)
    visit.go(f"/jobs/{job_id}")
    walk.press(visit.page, "Start now")
    expect(visit.page.get_by_text(sshd.fingerprint)).to_be_visible(timeout=10_000)
    visit.page.get_by_role("link", name="Do not trust it").click()
    assert product.runs(job_id) == []

    visit.go(f"/jobs/{job_id}")
    walk.press(visit.page, "Start now")
    visit.page.get_by_role("button", name="These are its keys").click()
    expect(visit.page.locator(".toast")).to_be_visible(timeout=10_000)
    run_id = walk.start(visit.page, job_id)
    assert product.server.ended(run_id)["state"] == "done"
    assert_same(tmp_path / "source", tmp_path / "copy")
