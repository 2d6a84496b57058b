"""Where something between lets no WebSocket through: long polling stays live; without any channel, polls carry on."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from tests.e2e import walk
from tests.e2e.browser import NewVisit, Product, Visit
from tests.e2e.nginx import NO_LIVE_CHANNEL, Nginx
from tests.whole import some

pytestmark = pytest.mark.browser
OLDEST = 3.0  # seconds a page may be behind


def one_job(product: Product, folder: Path, size: int = 9_000_000, limit: int = 2_000) -> str:
    """A job of some four seconds: many files, so that every moment brings other figures."""
    source = folder / "source"
    source.mkdir()
    for number in range(60):
        (source / f"file {number}").write_bytes(bytes(size // 60))
    return product.server.create_job(source, folder / "copy", settings={"bandwidth_limit": limit})


@contextmanager
def behind(proxy: Nginx, new_visit: NewVisit) -> Iterator[Visit]:
    """A window that speaks through the proxy and leaves before the proxy does.

    Chromium reports in the console what the proxy refuses; nothing else is allowed.
    """
    with proxy:
        visit = new_visit(proxy.address)
        visit.allow("WebSocket connection to", r"status of 403.*socket\.io")
        yield visit
        visit.page.goto("about:blank")


def moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def seen_at(visit: Visit, state: str) -> float:
    """When the page first said so."""
    origin = float(visit.page.evaluate("performance.timeOrigin")) / 1000
    return origin + float(next(seen["at"] for seen in visit.watched() if seen["state"] == state)) / 1000


def longest_silence(visit: Visit, *states: str) -> float:
    """Seconds between two changes of the figures, in those states of the run (none = all)."""
    moments = [float(seen["at"]) / 1000 for seen in visit.watched() if not states or seen["state"] in states]
    assert len(moments) > 1
    return max(later - earlier for earlier, later in pairwise(moments))


@pytest.mark.both_modes
def test_long_polling_is_live_where_websocket_is_blocked(product: Product, new_visit: NewVisit, tmp_path: Path) -> None:
    job_id = one_job(product, tmp_path)
    with behind(Nginx(tmp_path / "proxy", product.address), new_visit) as visit:
        walk.start(visit.page, job_id)
        visit.live()
        walk.see_end(visit, "Done")
        walk.assert_watchable(visit.watched())
        assert longest_silence(visit, "Transferring", "Done") <= 1.5


@pytest.mark.both_modes
def test_polling_keeps_a_run_at_most_three_seconds_old(product: Product, new_visit: NewVisit, tmp_path: Path) -> None:
    job_id = one_job(product, tmp_path)
    with behind(Nginx(tmp_path / "proxy", product.address, NO_LIVE_CHANNEL), new_visit) as visit:
        run_id = walk.start(visit.page, job_id)
        visit.wait("document.documentElement.dataset.connection === 'polling'")
        assert visit.page.locator(".sidebar .is-polling").inner_text() == "Polling"
        walk.see_end(visit, "Done")
        assert seen_at(visit, "Done") - moment(product.run(run_id)["ended_at"]) <= OLDEST
        assert longest_silence(visit, "Transferring", "Done") <= OLDEST
        walk.assert_watchable(visit.watched(), at_least=3)


@pytest.mark.parametrize("path", some(["/jobs/", "/"], 1))
def test_polling_keeps_lists_fresh(product: Product, new_visit: NewVisit, tmp_path: Path, path: str) -> None:
    job_id = one_job(product, tmp_path, size=16_000_000)
    with behind(Nginx(tmp_path / "proxy", product.address, NO_LIVE_CHANNEL), new_visit) as visit:
        visit.go(path)
        visit.wait("document.documentElement.dataset.connection === 'polling'")
        run_id = product.server.start(job_id)
        visit.wait(walk.is_past(0), OLDEST + 1.5)
        product.server.ended(run_id)
        visit.wait("!document.querySelector('main [data-run]')", OLDEST + 1.5)
        assert longest_silence(visit) <= OLDEST + 1.5
