"""The pages as an installed app: a manifest that Chromium takes, and the page that is shown while nobody answers."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.browser import NAMES, PHONE, NewVisit, Product, Visit
from tests.whole import some

pytestmark = pytest.mark.browser
CONTROLLED = "navigator.serviceWorker.controller !== null"


@pytest.fixture
def install_answer(chromium: Browser, product: Product, tmp_path: Path) -> Iterator[tuple[Any, Any]]:
    """What Chromium says of the manifest, in a profile that may install something."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    context = chromium.browser_type.launch_persistent_context(
        str(tmp_path / "profile"), executable_path=program, args=["--no-sandbox"]
    )
    page = context.new_page()
    page.goto(f"{product.address}/jobs/", wait_until="load")
    page.wait_for_function("navigator.serviceWorker.ready")
    channel = context.new_cdp_session(page)
    yield channel.send("Page.getAppManifest"), channel.send("Page.getInstallabilityErrors")
    context.close()


def test_chromium_finds_nothing_wrong_with_the_manifest_and_would_install_the_app(
    install_answer: tuple[Any, Any], product: Product
) -> None:
    manifest, installability = install_answer
    assert manifest["url"] == f"{product.address}/manifest.webmanifest"
    assert manifest["errors"] == []
    assert installability["installabilityErrors"] == []


def reload(visit: Visit) -> None:
    visit.page.reload(wait_until="load")


def offline_page(visit: Visit) -> Any:
    return visit.page.get_by_role("heading", name="The server is not reachable")


@pytest.mark.parametrize("look", some([{}, {"size": PHONE, "color_scheme": "dark"}], 1))
def test_a_page_opened_while_the_server_is_gone_says_so_and_comes_back_by_itself(
    own_product: Product, new_visit: NewVisit, look: dict[str, Any]
) -> None:
    visit = new_visit(own_product.address, **look)
    visit.allow_outage()
    visit.go("/jobs/")
    visit.wait(CONTROLLED)
    own_product.stop()
    reload(visit)
    expect(offline_page(visit)).to_be_visible()
    expect(visit.page.get_by_text("Runs carry on without this page")).to_be_visible()
    ground = visit.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(20, 19, 17)" if look else "rgb(246, 245, 241)"), "drawn with the kept style sheet"
    assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(visit.page.get_by_text("Next try in")).to_be_visible()
    own_product.start()
    expect(visit.page.get_by_role("heading", name="Jobs", exact=True)).to_be_visible(timeout=15_000)
    assert visit.page.url == f"{own_product.address}/jobs/"


def test_no_page_with_jobs_on_it_is_kept(product: Product, visit: Visit, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    job_id = product.server.create_job(source, tmp_path / "copy")
    visit.go("/jobs/")
    visit.wait(CONTROLLED)
    for path in ("/", f"/jobs/{job_id}", "/logs/", "/settings/", "/jobs/"):
        visit.go(path)
    kept = visit.page.evaluate(
        """async () => {
             const found = [];
             for (const name of await caches.keys())
               for (const request of await (await caches.open(name)).keys()) found.push(new URL(request.url).pathname);
             return found;
           }"""
    )
    shell = ["/offline", "/static/app/offline.js", "/static/css/output.css", "/static/icon.svg", "/static/icons.svg"]
    assert sorted(kept) == sorted([*shell, "/static/built/theme.js"])


def test_a_new_version_takes_the_place_of_what_an_old_one_kept(product: Product, visit: Visit) -> None:
    visit.go("/jobs/")
    visit.wait(CONTROLLED)
    visit.page.evaluate("caches.open('an older version').then((kept) => kept.put('/offline', new Response('old')))")
    visit.page.evaluate("navigator.serviceWorker.getRegistration().then((registration) => registration.unregister())")
    visit.go("/logs/")
    visit.wait("caches.keys().then((names) => names.length === 1)")


def test_a_browser_without_service_workers_is_as_it_was(product: Product, new_visit: NewVisit) -> None:
    """Plain http from another machine is one: there `navigator.serviceWorker` does not exist."""
    visit = new_visit(product.address)
    visit.context.add_init_script("Object.defineProperty(navigator, 'serviceWorker', { value: undefined })")
    visit.go("/jobs/")
    visit.live()
