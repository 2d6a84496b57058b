"""Every page and state worth a look, and how a person gets there; it checks nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from flask_app.listen import AsyncMode
from tests.e2e.browser import Product
from tests.e2e.evidence import Evidence, furnish_evidence
from tests.e2e.furnished import Furnished, furnish
from tests.servers import until

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


def visits(lived: Lived, is_phone: bool) -> dict[str, Open]:
    """Name → how to get there."""
    jobs, runs = lived.furnished.jobs, lived.furnished.runs
    places = {name: _at(path) for name, path in _paths(lived).items()}
    for state, run_id in runs.items():
        places[f"run {state}"] = _at(f"/jobs/{jobs[state]}/runs/{run_id}")
    proof = f"/jobs/{lived.evidence.job}"
    places["job unproven"] = _at(proof)
    for name in ("preview", "wanting", "moved"):
        places[f"run {name}"] = _at(f"{proof}/runs/{lived.evidence.runs[name]}")
    places["findings"] = _at(f"{proof}/runs/{lived.evidence.runs['wanting']}/findings")
    places["proof menu"] = _at(proof, _press("More"))
    failed = f"/jobs/{jobs['failed']}"
    if not is_phone:
        places["sort menu"] = _at("/jobs/", _press("Sort"))
    return places | {
        "create dialog": _at("/jobs/", _press("New job")),
        "create dialog 422": _at("/jobs/", _press("New job"), _submit_wrong),
        "create page 422": _at("/jobs/create", _submit_wrong),
        "edit dialog": _at(failed, _press("Edit")),
        "delete dialog": _at(failed, _press("More"), _press("Delete…")),
        "job menu": _at("/jobs/", _press("More for Projects")),
        "reset dialog": _at("/settings/", _press("Reset")),
        "settings 422": _at("/settings/", _wrong_setting),
        "folds open": _at("/jobs/create", _open_folds),
        "toast": _at("/settings/", _press("Save")),
        "403": _at("/jobs/", _forge),
    }


def _paths(lived: Lived) -> dict[str, str]:
    failed = f"/jobs/{lived.furnished.jobs['failed']}"
    return {
        "dashboard": "/",
        "jobs": "/jobs/",
        "jobs attention": "/jobs/?state=attention",
        "jobs none found": "/jobs/?search=nothing+like+it",
        "create page": "/jobs/create",
        "edit page": f"{failed}/edit",
        "job failed": failed,
        "job configuration": f"{failed}?tab=configuration",
        "job log": f"{failed}?tab=log",
        "job never run": f"/jobs/{lived.furnished.jobs['never_run']}",
        "job disabled": f"/jobs/{lived.furnished.jobs['disabled']}",
        "job long": f"/jobs/{lived.furnished.jobs['long']}",
        "job running": f"/jobs/{lived.running}",
        "restore": f"/jobs/{lived.running}/restore",
        "restore of a copy that is gone": f"{failed}/restore",
        "run running": f"/jobs/{lived.running}/runs/{lived.run_id}",
        "delete page": f"{failed}/delete",
        "logs": "/logs/",
        "logs found": "/logs/?search=permission",
        "logs none found": "/logs/?search=nothing+like+it",
        "settings": "/settings/",
        "reset page": "/settings/reset",
        "404": "/nowhere",
        "404 job": UNKNOWN,
        "404 run": f"{UNKNOWN}/runs/20260101T000000000Z-000000",
    }


def _at(path: str, *steps: Open) -> Open:
    def go(page: Page) -> None:
        page.goto(path)
        for step in steps:
            step(page)

    return go


def _press(name: str) -> Open:
    """The first visible link or button of that name, in the open dialog if there is one."""

    def press(page: Page) -> None:
        controls = page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name))
        controls.locator("visible=true").first.click()
        page.wait_for_timeout(400)

    return press


def _submit_wrong(page: Page) -> None:
    page.get_by_label("Source", exact=True).fill("relative/path")
    page.get_by_role("button", name="Create the job").click()
    page.locator("#form-errors").wait_for()


def _wrong_setting(page: Page) -> None:
    page.locator("#field-max_retry_attempts").fill("900")
    page.get_by_role("button", name="Save").first.click()
    page.locator(".field-error").first.wait_for()


def _open_folds(page: Page) -> None:
    for fold in page.locator("details.fold summary").all():
        fold.click()


def _forge(page: Page) -> None:
    """A plain form whose token is not ours."""
    form = page.locator("form[method=post]").first
    with page.expect_navigation():
        form.evaluate("(form) => { form.querySelector('[name=csrf_token]').value = 'forged'; form.submit(); }")
