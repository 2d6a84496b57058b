"""People edit jobs.yaml by hand: a mistake is shown, nothing is overwritten, mending it heals."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import NewVisit, Product, Visit
from tests.servers import until

pytestmark = pytest.mark.browser
NOTICED = 2.0  # seconds
LINE = 3


@pytest.fixture
def visit(own_product: Product, new_visit: NewVisit) -> Visit:
    return new_visit(own_product.address)


@pytest.fixture
def jobs(own_product: Product, tmp_path: Path) -> list[str]:
    """Three jobs."""
    source = tmp_path / "source"
    source.mkdir()
    return [own_product.server.create_job(source, tmp_path / f"copy {n}", name=f"Job {n}") for n in range(3)]


@pytest.fixture
def older_jobs(own_product: Product, jobs: list[str]) -> list[str]:
    """Three jobs that no other program can have overlooked: nothing is noted of late changes."""
    (own_product.data / "changes.jsonl").unlink()
    return jobs


def break_line(jobs_file: Path) -> str:
    """A slip of the hand in line `LINE`; the text before it."""
    whole = jobs_file.read_text()
    lines = whole.splitlines(keepends=True)
    lines[LINE - 1] = lines[LINE - 1].replace(":", ": [", 1)
    jobs_file.write_text("".join(lines))
    return whole


def notice(visit: Visit, path: str, seconds: float = NOTICED) -> str:
    """The banner of the page."""
    banner = visit.page.locator("main .banner")
    until(lambda: visit.go(path) and banner.count(), seconds)
    return banner.inner_text()


def test_a_mistake_is_shown_on_every_page_and_mending_it_takes_effect(
    own_product: Product, visit: Visit, jobs: list[str]
) -> None:
    jobs_file = own_product.data / "jobs.yaml"
    run_id = own_product.server.start(jobs[0])
    own_product.server.ended(run_id)
    whole = break_line(jobs_file)
    broken = jobs_file.read_bytes()
    pages = [
        "/",
        "/jobs/",
        "/jobs/create",
        f"/jobs/{jobs[0]}",
        f"/jobs/{jobs[0]}/runs/{run_id}",
        "/logs/",
        "/settings/",
    ]
    for path in pages:
        words = notice(visit, path)
        assert "jobs.yaml" in words, path
        assert f"line {LINE}" in words or f"line {LINE + 1}" in words, (path, words)
    assert jobs_file.read_bytes() == broken, "nothing is overwritten"

    jobs_file.write_text(whole)
    until(lambda: visit.go("/jobs/") and not visit.page.locator("main .banner").count(), NOTICED)
    until(lambda: own_product.server.api("PATCH", f"/jobs/{jobs[0]}", json={"name": "Renamed"}).ok, NOTICED)


def test_an_edit_by_hand_shows_on_an_open_page(own_product: Product, visit: Visit, jobs: list[str]) -> None:
    jobs_file = own_product.data / "jobs.yaml"
    visit.go("/jobs/")
    visit.live()
    jobs_file.write_text(jobs_file.read_text().replace("Job 1", "Holidays"))
    expect(visit.page.get_by_role("link", name="Holidays")).to_be_visible(timeout=NOTICED * 1000 + 500)


def test_a_mistake_shows_on_an_open_page_until_it_is_mended(
    own_product: Product, visit: Visit, jobs: list[str]
) -> None:
    visit.go("/")
    visit.live()
    visit.page.evaluate("window.isTheSamePage = true")
    banner = visit.page.locator("#notices .banner")
    expect(banner).to_have_count(0)
    whole = break_line(own_product.data / "jobs.yaml")
    expect(banner).to_contain_text("jobs.yaml", timeout=NOTICED * 1000 + 500)
    (own_product.data / "jobs.yaml").write_text(whole)
    expect(banner).to_have_count(0, timeout=NOTICED * 1000 + 500)
    assert visit.page.evaluate("window.isTheSamePage")


def test_changes_are_refused_meanwhile_and_keep_what_was_typed(
    own_product: Product, visit: Visit, jobs: list[str], tmp_path: Path
) -> None:
    visit.allow_status(409)
    jobs_file = own_product.data / "jobs.yaml"
    visit.go("/jobs/")
    visit.page.get_by_role("link", name="New job").click()
    dialog = visit.page.get_by_role("dialog")
    dialog.get_by_label("Name", exact=True).fill("Another")
    dialog.get_by_label("Source", exact=True).fill(f"{tmp_path}/source")
    dialog.get_by_label("Destination", exact=True).fill(f"{tmp_path}/other copy")
    whole = break_line(jobs_file)
    broken = jobs_file.read_bytes()
    dialog.get_by_role("button", name="Create the job").click()
    expect(dialog.get_by_role("alert")).to_contain_text("jobs.yaml")
    expect(dialog.get_by_label("Name", exact=True)).to_have_value("Another")
    expect(dialog.get_by_label("Source", exact=True)).to_have_value(f"{tmp_path}/source")
    assert own_product.server.api("DELETE", f"/jobs/{jobs[0]}").status_code == 409
    assert jobs_file.read_bytes() == broken

    jobs_file.write_text(whole)
    until(lambda: own_product.server.api("PATCH", f"/jobs/{jobs[0]}", json={}).ok, NOTICED)
    dialog.get_by_role("button", name="Create the job").click()
    expect(visit.page.get_by_role("link", name="Another", exact=True)).to_be_visible()


def test_two_jobs_gone_at_once_stay_in_force_until_a_person_confirms(
    own_product: Product, visit: Visit, older_jobs: list[str]
) -> None:
    jobs_file = own_product.data / "jobs.yaml"
    whole = jobs_file.read_text()
    jobs_file.write_text(whole[: whole.index("- ", whole.index("- ") + 2)])
    words = notice(visit, "/jobs/")
    assert "2 jobs are gone" in words
    assert "Job 1" in words and "Job 2" in words  # noqa: PT018
    assert len(own_product.jobs()) == 3
    assert own_product.server.api("PATCH", f"/jobs/{older_jobs[0]}", json={"name": "No"}).status_code == 409

    visit.page.get_by_role("button", name="Confirm").click()
    until(lambda: len(own_product.jobs()) == 1, NOTICED)
    visit.go("/jobs/")
    assert visit.page.locator("main .banner").count() == 0
    assert visit.page.get_by_role("link", name="Job 1").count() == 0


def test_one_job_removed_by_hand_is_gone_at_once(own_product: Product, visit: Visit, older_jobs: list[str]) -> None:
    jobs_file = own_product.data / "jobs.yaml"
    whole = jobs_file.read_text()
    jobs_file.write_text(whole[: whole.rindex("\n- ") + 1])
    until(lambda: len(own_product.jobs()) == 2, NOTICED)
    visit.go("/jobs/")
    assert visit.page.locator("main .banner").count() == 0
