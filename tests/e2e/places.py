"""Every page and state worth a look, and how a person gets there; it checks nothing."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, Request

from flask_app.listen import AsyncMode
from tests.e2e.browser import Product
from tests.e2e.evidence import Evidence, furnish_evidence
from tests.e2e.furnished import Furnished, furnish
from tests.servers import DEADLINE, until

Open = Callable[[Page], object]
UNKNOWN = "/jobs/00000000-0000-4000-8000-000000000000"


@dataclass(frozen=True)
class Lived:
    """A product after weeks, with one job running slowly; the run's id."""

    product: Product
    furnished: Furnished
    running: str
    run_id: str
    evidence: Evidence


@contextmanager
def lived_in(folder: Path, mode: AsyncMode) -> Iterator[Lived]:
    source = folder / "source"
    source.mkdir()
    for number in range(40):
        (source / f"photo {number}.jpg").write_bytes(bytes(500_000))
    furnished, evidence = furnish(folder / "data", source), furnish_evidence(folder / "data", source)
    product = Product(folder / "data", mode)
    product.start()
    settings = {"bandwidth_limit": 60}
    running = product.server.create_job(source, folder / "copy", name="Video library", settings=settings)
    run_id = product.server.start(running)
    until(lambda: (product.run(run_id)["percent"] or 0) > 0)
    yield Lived(product, furnished, running, run_id, evidence)
    product.clear()
    product.stop()


def starts(lived: Lived) -> tuple[str, ...]:
    """Pages from which links lead to all others, and those to which none leads."""
    jobs, proof = lived.furnished.jobs, lived.evidence
    of_jobs = [f"/jobs/{job_id}" for job_id in (*jobs.values(), proof.job, lived.running)]
    runs = [f"/jobs/{jobs[state]}/runs/{run_id}" for state, run_id in lived.furnished.runs.items()]
    runs += [f"/jobs/{proof.job}/runs/{proof.runs[name]}" for name in ("preview", "wanting", "moved")]
    return (
        "/", "/jobs/", "/logs/", "/settings/", "/remotes/", "/templates/", "/templates/import", "/jobs/adopt",
        "/keys", "/docs",
        *of_jobs, *runs,
        f"/jobs/{lived.running}/runs/{lived.run_id}", "/jobs/?search=nothing+like+it",
        "/logs/?search=permission", "/logs/?search=nothing+like+it",
        "/logs/?from=never&search=x", "/logs/?follow=1&level=warn&from=2020-01-01",
        "/nowhere", UNKNOWN, f"{UNKNOWN}/runs/20260101T000000000Z-000000",
    )  # fmt: skip


def visits(lived: Lived, is_phone: bool) -> dict[str, Open]:
    """What opens on a page by a person's doing: name → how to get there."""
    failed = f"/jobs/{lived.furnished.jobs['failed']}"
    places = {"proof menu": _at(f"/jobs/{lived.evidence.job}", _press("More"))}
    if not is_phone:
        places["sort menu"] = _at("/jobs/", _press("Sort"))
    return places | {
        "bulk bar": _at("/jobs/", _tick("Projects")),
        "bulk tag": _at("/jobs/", _tick("Projects"), _press("Tag…")),
        "bulk delete": _at("/jobs/?select=all", _press("Delete…")),
        "template dialog": _at("/jobs/", _press("More for Projects"), _press("Save as template…")),
        "keys dialog": _at("/jobs/", lambda page: page.keyboard.press("?")),
        "import 422": _at("/templates/import", _press("Keep as a template")),
        "adopt found": _at("/jobs/adopt", _adopt),
        "adopt 422": _at("/jobs/adopt", _adopt, _press("Create the ticked jobs")),
        "create dialog": _at("/jobs/", _press("New job")),
        "create dialog 422": _at("/jobs/", _press("New job"), _submit_wrong),
        "browse dialog": _at("/jobs/", _press("New job"), _press("Browse for the source")),
        "browse page": _at("/jobs/create", _press("Browse for the destination")),
        "browse refused": _at("/jobs/browse?browse=source&at=L3Byb2M"),
        "catch told": _at("/jobs/create", _catch),
        "create page 422": _at("/jobs/create", _submit_wrong),
        "edit dialog": _at(failed, _press("Edit")),
        "delete dialog": _at(failed, _press("More"), _press("Delete…")),
        "job menu": _at("/jobs/", _press("More for Projects")),
        "logs time menu": _at("/logs/", _press("Time")),
        "logs export menu": _at("/logs/", _press("Export")),
        "reset dialog": _at("/settings/", _press("Reset")),
        "ssh key made": _at("/settings/", _make_key),
        "ssh key deleted": _at("/settings/", _open_key, _press("Delete…")),
        "settings 422": _at("/settings/", _wrong_setting),
        "folds open": _at("/jobs/create", _open_folds),
        "toast": _at("/settings/", _press("Save")),
        "403": _at("/jobs/", _forge),
    }


def _at(path: str, *steps: Open) -> Open:
    def go(page: Page) -> None:
        page.goto(path)
        for step in steps:
            step(page)

    return go


@contextmanager
def _answered(page: Page) -> Iterator[None]:
    """Until all that was asked for meanwhile is there, however busy the machine is."""
    asked, late = set[Request](), time.monotonic() + DEADLINE

    def begins(request: Request) -> None:
        asked.add(request)

    def ends(request: Request) -> None:
        asked.discard(request)

    page.on("request", begins)
    page.on("requestfinished", ends)
    page.on("requestfailed", ends)
    yield
    while asked and time.monotonic() < late:
        page.wait_for_timeout(20)
    page.remove_listener("request", begins)
    page.remove_listener("requestfinished", ends)
    page.remove_listener("requestfailed", ends)


def _press(name: str) -> Open:
    """The first visible link or button of that name, in the open dialog if there is one."""

    def press(page: Page) -> None:
        controls = page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name))
        with _answered(page):
            controls.locator("visible=true").first.click()
            page.wait_for_timeout(400)
        page.wait_for_load_state()  # on a phone it may have led to a page

    return press


def _adopt(page: Page) -> None:
    page.locator("#field-text").fill(
        "0 3 * * * rsync -a --delete relative nas:/x\nrsync --daemon\nrsync -a /a /b | cat"
    )
    page.get_by_role("button", name="Find jobs").click()
    page.locator("#proposal-0").wait_for()


def _submit_wrong(page: Page) -> None:
    page.get_by_label("Source", exact=True).fill("relative/path")
    page.get_by_role("button", name="Create the job").click()
    page.locator("#form-errors").wait_for()


def _tick(name: str) -> Open:
    """The box of a job, which a phone shows after "Select"."""

    def tick(page: Page) -> None:
        if not page.get_by_role("checkbox", name=f"Select {name}").is_visible():
            page.get_by_text("Select", exact=True).click()
        page.get_by_role("checkbox", name=f"Select {name}").check()

    return tick


def _make_key(page: Page) -> None:
    """Once; later visits find it there."""
    if not page.locator("#keys details").count():
        page.get_by_label("New key").fill("nas")
        page.get_by_role("button", name="Create key").click()
        page.locator("#keys details[open]").wait_for()
    _open_key(page)


def _open_key(page: Page) -> None:
    if not page.locator("#keys details[open]").count():
        page.locator("#keys summary").first.click()
    page.get_by_label("Public part").wait_for()


def _wrong_setting(page: Page) -> None:
    page.locator("#field-max_retry_attempts").fill("900")
    page.get_by_role("button", name="Save").first.click()
    page.locator(".field-error").first.wait_for()


def _catch(page: Page) -> None:
    page.get_by_label("Source", exact=True).fill("/usr/share/doc/")
    page.get_by_text("Leave out").first.click()
    page.locator("#field-exclude").fill("*.gz\nnothing like it")
    page.get_by_role("button", name="What will this catch?").click()
    page.locator("#job-catch strong").wait_for()


def _open_folds(page: Page) -> None:
    for fold in page.locator("details.fold summary").all():
        fold.click()


def _forge(page: Page) -> None:
    """A plain form whose token is not ours."""
    form = page.locator("form[method=post]").first
    with page.expect_navigation():
        form.evaluate("(form) => { form.querySelector('[name=csrf_token]').value = 'forged'; form.submit(); }")
