"""The whole acceptance in a browser at full size: 2 GiB in 20,000 files, four ways of looking; prints its figures."""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from flask_app.listen import AsyncMode
from tests.e2e import hostile_tree, walk
from tests.e2e.browser import Product, Visit, launch
from tests.e2e.hashes import assert_same, complete_files
from tests.e2e.hostile_tree import Made
from tests.e2e.nginx import NO_LIVE_CHANNEL, Nginx
from tests.servers import until

NAME = "browser"
DEFAULT_COUNT = 1
FILES, SIZE, LARGE = 20_000, (2 << 30) + 123_456, 300_000_000
LIMIT = 60_000  # KiB/s, so that there is something to watch
PATIENCE = 600.0
OLDEST = 3.0
MODES: tuple[AsyncMode, ...] = ("eventlet", "threading")


@dataclass(frozen=True)
class Scene:
    """A browser before a server, and the folder to copy."""

    browser: Browser
    product: Product
    folder: Path
    made: Made

    @property
    def source(self) -> Path:
        return self.folder / "source"


@dataclass(frozen=True)
class Copied:
    """The two runs of a job that was paused, and what was whole at the destination in between."""

    job_id: str
    first: str
    second: str
    whole: dict[bytes, int]


def prove(count: int) -> int:
    """Exit status 0 if every look saw what it must; anything else raises."""
    for turn in range(count):
        mode = MODES[turn % 2]
        with tempfile.TemporaryDirectory(prefix="browser-") as place, sync_playwright() as play:
            folder = Path(place)
            made = hostile_tree.make(folder / "source", FILES, SIZE, LARGE)
            print(f"browser: {made.files} files, {made.bytes} bytes, {mode}")
            with _serving(folder / "data", mode) as product:
                scene = Scene(launch(play), product, folder, made)
                for way in (live, without_javascript, without_websocket, without_channel):
                    _judge(scene, way)
                scene.browser.close()
    return 0


@contextmanager
def _serving(data: Path, mode: AsyncMode) -> Iterator[Product]:
    product = Product(data, mode)
    product.start()
    try:
        yield product
    finally:
        product.stop()


def _judge(scene: Scene, way: Callable[[Scene, Path], Copied]) -> None:
    """One way of looking, and the proof of what was copied."""
    began = time.monotonic()
    dest = scene.folder / f"copy {way.__name__}"
    copied = way(scene, dest)
    reported = scene.product.run(copied.second)["result"]
    assert reported["files_transferred"] == scene.made.files - len(copied.whole), reported
    assert reported["transferred_bytes"] == scene.made.bytes - sum(copied.whole.values()), reported
    assert_same(scene.source, dest)
    print(
        f"  {way.__name__}: {len(copied.whole)} files were there at the pause, the resume sent "
        f"{reported['files_transferred']}; identical by rsync and by hash ({time.monotonic() - began:.0f} s)"
    )


def live(scene: Scene, dest: Path) -> Copied:
    with _visit(scene, scene.product.address) as visit:
        copied = _watched(scene, visit, dest, "live")
        assert visit.shift() < 0.01, visit.page.evaluate("window.shifted")
        return copied


def without_websocket(scene: Scene, dest: Path) -> Copied:
    with Nginx(scene.folder / "no-websocket", scene.product.address) as proxy, _visit(scene, proxy.address) as visit:
        visit.allow("WebSocket connection to")
        return _watched(scene, visit, dest, "live")


def without_channel(scene: Scene, dest: Path) -> Copied:
    folder, target = scene.folder / "no-channel", scene.product.address
    with Nginx(folder, target, NO_LIVE_CHANNEL) as proxy, _visit(scene, proxy.address) as visit:
        visit.allow("WebSocket connection to", r"status of 403.*socket\.io")
        copied = _watched(scene, visit, dest, "polling")
        behind = _seen_at(visit, "Done") - _moment(scene.product.run(copied.second)["ended_at"])
        silence = _longest_silence(visit.watched())
        print(f"  without_channel: the end was seen after {behind:.1f} s, figures were at most {silence:.1f} s old")
        assert behind <= OLDEST
        assert silence <= OLDEST
        return copied


def _watched(scene: Scene, visit: Visit, dest: Path, badge: str) -> Copied:
    """Create, start, watch, pause, resume, watch, done."""
    job_id = _created(scene, visit, dest)
    first = walk.start(visit.page, job_id)
    visit.wait(f"document.documentElement.dataset.connection === '{badge}'")
    visit.wait(walk.is_past(30), PATIENCE)
    walk.press(visit.page, "Pause")
    walk.see_end(visit, "Paused")
    walk.assert_watchable(visit.watched())
    whole = complete_files(scene.source, dest)
    walk.press(visit.page, "Resume")
    visit.page.wait_for_url(lambda address: first not in address)
    second = visit.page.url.rsplit("/", 1)[1]
    walk.see_end(visit, "Done", PATIENCE)
    walk.assert_watchable(visit.watched())
    assert min(seen["bar"] for seen in visit.watched() if seen["bar"]) >= 25, "a resume counts what is there"
    return Copied(job_id, first, second, whole)


def without_javascript(scene: Scene, dest: Path) -> Copied:
    with _visit(scene, scene.product.address, java_script_enabled=False) as visit:
        job_id = _created(scene, visit, dest)
        first = walk.start(visit.page, job_id)
        until(lambda: (scene.product.run(first)["percent"] or 0) > 30, PATIENCE)
        visit.page.reload()
        assert float(visit.page.locator("progress").first.get_attribute("value") or 0) >= 30
        walk.press(visit.page, "Pause")
        until(lambda: scene.product.run(first)["ended_at"])
        whole = complete_files(scene.source, dest)
        second = walk.start(visit.page, job_id, "Resume")
        until(lambda: scene.product.run(second)["ended_at"], PATIENCE)
        visit.page.reload()
        assert walk.state_on(visit) == "Done"
        return Copied(job_id, first, second, whole)


def _created(scene: Scene, visit: Visit, dest: Path) -> str:
    """A job by the form; the first one by the first-run page."""
    if not scene.product.jobs():
        job_id = walk.create_first(visit.page, f"{scene.source}/", dest)
    else:
        job_id = walk.create(visit.page, dest.name, f"{scene.source}/", dest)
    walk.limit_speed(visit.page, job_id, LIMIT)
    return job_id


@contextmanager
def _visit(scene: Scene, address: str, **options: Any) -> Iterator[Visit]:
    visit = Visit(scene.browser, address, **options)
    yield visit
    visit.close()


def _moment(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def _seen_at(visit: Visit, state: str) -> float:
    """When the page first said so."""
    origin = float(visit.page.evaluate("performance.timeOrigin"))
    return (origin + float(next(seen["at"] for seen in visit.watched() if seen["state"] == state))) / 1000


def _longest_silence(watched: list[dict[str, Any]]) -> float:
    """Seconds between two changes of the figures."""
    return max(float(later["at"] - earlier["at"]) / 1000 for earlier, later in pairwise(watched))
