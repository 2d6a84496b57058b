"""What a screen reader is told: start, every quarter, the end; failures as alerts; never the running percentage."""

import os
import signal
from pathlib import Path

import pytest

from tests.e2e import walk
from tests.e2e.browser import Product, Visit
from tests.e2e.test_without_websocket import one_job

pytestmark = pytest.mark.browser


def spoken(visit: Visit) -> list[str]:
    return list(visit.page.evaluate("window.spoken"))


def test_a_run_is_announced_at_its_start_its_quarters_and_its_end(
    visit: Visit, product: Product, tmp_path: Path
) -> None:
    job_id = one_job(product, tmp_path)
    visit.go(f"/jobs/{job_id}")
    visit.live()
    product.server.start(job_id)
    visit.wait("window.spoken.some((words) => words.includes('done'))", 30)
    words = spoken(visit)
    assert any("started" in said for said in words), words
    for quarter in (25, 50, 75):
        assert [said for said in words if f"{quarter} percent" in said], words
    assert len(words) <= 7, words


def test_neither_percentage_nor_figures_are_live(visit: Visit, product: Product, tmp_path: Path) -> None:
    job_id = one_job(product, tmp_path)
    walk.start(visit.page, job_id)
    visit.wait(walk.is_past(0))
    live = "[aria-live]:not([aria-live='off']), [role='status'], [role='alert']"
    assert visit.page.locator(f":is({live}):has([data-figure])").count() == 0
    assert visit.page.locator(f"[data-figure]:is({live})").count() == 0
    assert visit.page.locator("[role='status']").count() == 1


def test_a_failure_is_an_alert(visit: Visit, product: Product, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "a").write_bytes(bytes(4_000_000))
    job_id = product.server.create_job(source, tmp_path / "copy", settings={"bandwidth_limit": 800})
    run_id = walk.start(visit.page, job_id)
    visit.wait(walk.is_past(0))
    kill_tool(tmp_path)
    product.server.ended(run_id)
    walk.see_end(visit, "Failed", 10)
    alert = visit.page.locator("#run [role='alert']")
    assert alert.inner_text().strip()


def kill_tool(folder: Path) -> None:
    """Kill the rsync that copies from there, as the kernel does where memory runs out."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if arguments[0].endswith(b"rsync") and any(argument.startswith(os.fsencode(folder)) for argument in arguments):
            os.kill(int(pid), signal.SIGKILL)


def test_nothing_jumps_while_figures_move(visit: Visit, product: Product, tmp_path: Path) -> None:
    job_id = one_job(product, tmp_path)
    walk.start(visit.page, job_id)
    visit.live()
    visit.wait(walk.is_past(80), 20)
    assert visit.shift() < 0.01, visit.page.evaluate("window.shifted")


def test_polls_rest_in_a_hidden_tab(visit: Visit, product: Product, tmp_path: Path) -> None:
    one_job(product, tmp_path)
    visit.go("/")
    visit.live()
    visit.page.wait_for_timeout(1000)  # the page catches up once after it connected
    visit.page.evaluate("Object.defineProperty(document, 'hidden', {get: () => window.isAway, configurable: true})")
    visit.page.evaluate("window.isAway = true")
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(request.url))
    visit.page.wait_for_timeout(4000)  # every panel but the slowest would have asked
    assert [url for url in asked if "socket.io" not in url] == []
    visit.page.evaluate("window.isAway = false; document.dispatchEvent(new Event('visibilitychange'))")
    visit.page.wait_for_timeout(1000)
    assert [url for url in asked if "/stats" in url]
