"""A browser left on the dashboard while jobs start and end and the server restarts; `--count` is minutes."""

import random
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import linear_regression, median

from playwright.sync_api import sync_playwright

from flask_app.listen import AsyncMode
from tests.e2e.browser import Product, Visit, launch
from tests.faults.soak_world import JOBS, Page, Work, footprint, server_process, word_of
from tests.servers import until

NAME = "soak"
DEFAULT_COUNT = 10
PATIENCE = 5.0  # seconds after a restart; panels that ask every ten may take twice that otherwise
SETTLED = 120.0  # seconds after which the memory of a server must not grow any more
GROWTH = 1.0  # MB a minute
LEAST = 6.0  # seconds that are watched at the end
ENDED = ("done", "done_with_warnings", "failed", "paused", "interrupted", "cancelled")


@dataclass
class Seen:
    """What is measured on the way."""

    lags: list[float] = field(default_factory=list)
    comebacks: list[float] = field(default_factory=list)
    memory: list[tuple[float, float]] = field(default_factory=list)  # (minute, MB)
    clicks: int = 0
    patience: float = PATIENCE


def prove(count: int) -> int:
    """`count` minutes with five restarts in the first part; anything wrong raises."""
    return soak(count * 60.0, restarts=5)


def soak(seconds: float, restarts: int, mode: AsyncMode = "eventlet", patience: float = PATIENCE) -> int:
    """`patience`: how many seconds a page may take after a restart."""
    seed = random.SystemRandom().getrandbits(32)
    print(f"soak: {seconds:.0f} s, {restarts} restarts, seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="soak-") as place, sync_playwright() as play:
        folder = Path(place)
        product = Product(folder / "data", mode)
        product.start()
        work = Work(product, folder, random.Random(seed))
        browser = launch(play)
        try:
            visit = Visit(browser, product.address)
            page = Page(visit, product)
            work.start()
            _live_through(product, page, work, seconds, restarts, Seen(patience=patience))
            visit.close()
        finally:
            work.stop()
            browser.close()
            product.clear()
            product.stop()
    return 0


def _live_through(product: Product, page: Page, work: Work, seconds: float, restarts: int, seen: Seen) -> None:
    began = time.monotonic()
    for number in range(restarts):
        _watch(page, seen, product, began + 0.4 * seconds * (number + 1) / restarts)
        seen.comebacks.append(_restart(product, page, number, seen.patience))
    _watch(page, seen, product, time.monotonic() + min(SETTLED, 0.2 * seconds))
    calm = 7.0 if seconds >= 4 * SETTLED else 1.0  # toasts leave after six seconds, kept connections after five
    before = _at_rest(product, page, work, calm, seen.patience)
    seen.memory.clear()
    work.go_on()
    _watch(page, seen, product, max(began + seconds, time.monotonic() + LEAST))
    after = _at_rest(product, page, work, calm, seen.patience)
    _tell(seen, before, after)
    _judge_ends(product, page)
    _judge(page, seen, before, after, seconds)


def _watch(page: Page, seen: Seen, product: Product, end: float) -> None:
    """Look again and again whether every panel is right; press a button now and then."""
    pid = server_process(product)
    while time.monotonic() < end:
        seen.lags.append(page.right_after(2 * seen.patience))
        page.figures_move()
        page.forget_notes()
        seen.memory.append((time.monotonic() / 60, footprint(pid)[0]))
        if len(seen.lags) % 10 == 5:
            seen.clicks += _press(page)


def _press(page: Page) -> int:
    """Pause what runs first, as a person does; 0 where nothing runs."""
    button = page.visit.page.locator("#active-jobs form[action$='/pause'] button")
    if not button.count():
        return 0
    before = int(page.visit.page.evaluate("toasts.length"))
    button.first.click()
    page.visit.wait(f"toasts.length > {before}")
    return 1


def _restart(product: Product, page: Page, number: int, patience: float) -> float:
    """Kill or stop the server and start it again; seconds from its first answer until the page is right and live."""
    (product.kill if number % 2 else product.stop)()
    page.visit.page.wait_for_timeout(500)
    product.start()
    began = time.monotonic()
    page.visit.wait("document.documentElement.dataset.connection === 'live'", patience)
    page.right_after(patience - (time.monotonic() - began))
    return time.monotonic() - began


@dataclass(frozen=True)
class Rest:
    """While nothing runs: the page's elements, nodes and MB; the server's threads and descriptors."""

    elements: int
    nodes: int
    heap: float
    threads: int
    descriptors: int


def _at_rest(product: Product, page: Page, work: Work, calm: float, patience: float) -> Rest:
    work.rest()
    until(lambda: not any(job["active_run_id"] for job in product.jobs()), 60)
    page.right_after(2 * patience)
    page.visit.page.wait_for_timeout(calm * 1000)
    elements, nodes, heap = page.weight()
    _, threads, descriptors = footprint(server_process(product))
    return Rest(elements, nodes, heap, threads, descriptors)


def _slope(seen: Seen) -> float:
    minutes, memory = zip(*seen.memory, strict=True)
    return float(linear_regression(minutes, memory).slope)


def _tell(seen: Seen, before: Rest, after: Rest) -> None:
    lags = sorted(seen.lags)
    print(f"  {len(lags)} looks: every panel right after {median(lags):.2f} s (median), {lags[-1]:.2f} s (longest)")
    print(f"  restarts: right and live again after {', '.join(f'{each:.1f}' for each in seen.comebacks)} s")
    print(
        f"  page at rest: {before.elements} → {after.elements} elements, {before.nodes} → {after.nodes} nodes, ", end=""
    )
    print(f"{before.heap:.1f} → {after.heap:.1f} MB")
    print(f"  server: {_slope(seen):+.2f} MB a minute at {seen.memory[-1][1]:.0f} MB, ", end="")
    print(f"{before.threads} → {after.threads} threads, {before.descriptors} → {after.descriptors} descriptors")


def _judge_ends(product: Product, page: Page) -> None:
    """The last word of the page about every run is how it ended."""
    words = page.visit.page.evaluate("words")
    runs = [run for job in product.jobs() for run in _all_runs(product, job["id"])]
    missed = {
        run["id"]: (words.get(run["id"]), run["state"]) for run in runs if words.get(run["id"]) != word_of(run["state"])
    }
    print(f"  {len(runs)} runs: {len(missed)} ends missed")
    assert not missed, missed
    assert len(runs) >= 5


def _all_runs(product: Product, job_id: str) -> list[dict[str, str]]:
    found: list[dict[str, str]] = []
    while page := product.server.api(
        "GET", f"/jobs/{job_id}/runs?limit=50&before={found[-1]['id'] if found else ''}"
    ).json()["data"]:
        found += page
    return found


def _judge(page: Page, seen: Seen, before: Rest, after: Rest, seconds: float) -> None:
    toasts = page.visit.page.evaluate("toasts")
    print(f"  {seen.clicks} buttons pressed, {len(toasts)} toasts")
    assert len(toasts) == seen.clicks, toasts
    assert max(seen.comebacks, default=0) < seen.patience
    # A strip names each day that was not good (two elements for each job); in a short soak the lists still fill.
    slack = 3 * JOBS if seconds >= 4 * SETTLED else 100
    assert after.elements <= before.elements + slack
    assert after.nodes <= before.nodes * 1.1 + 2 * slack
    assert after.heap <= before.heap + 2
    assert after.threads <= before.threads + 1
    assert after.descriptors <= before.descriptors + 2
    if seconds >= 4 * SETTLED:
        assert _slope(seen) < GROWTH
