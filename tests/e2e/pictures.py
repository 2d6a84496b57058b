"""Takes the product's picture: every page, light and dark, wide and on a phone, with two jobs running; checks nothing.

`python -m tests.e2e.pictures FOLDER`, as root: /srv and /mnt of the pictures are made for them and gone afterwards.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product as product_of
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, sync_playwright

from tests.e2e.browser import PHONE, WIDE, Product, launch
from tests.e2e.household import furnish_household
from tests.servers import until

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
LIVE = {"bandwidth_limit": 9000}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    scratch = tempfile.TemporaryDirectory()
    with scratch as root, household(Path(root)) as (product, places), sync_playwright() as play:
        browser = launch(play)
        for scheme, size in product_of(SCHEMES, (WIDE, PHONE)):
            form = "phone-" if size == PHONE else ""
            context = browser.new_context(
                base_url=product.address, color_scheme=scheme, viewport={"width": size[0], "height": size[1]},
                device_scale_factor=2 if form else 1.5, has_touch=bool(form), reduced_motion="reduce",
            )  # fmt: skip
            page = context.new_page()
            for name, path in places.items():
                take(page, path, folder / f"{name}-{form}{scheme}.png")
            context.close()
        browser.close()


def take(page: Page, path: str, target: Path) -> None:
    page.goto(path)
    page.wait_for_timeout(900)
    page.screenshot(path=target, full_page=True)


@contextmanager
def household(scratch: Path) -> Iterator[tuple[Product, dict[str, str]]]:
    """The product with two runs under way, and its pages by the names of their pictures."""
    ids = furnish_household(scratch / "data")
    product = Product(scratch / "data", "eventlet")
    product.start()
    running = {name: _begin(product, name, *paths) for name, paths in MOVING.items()}
    until(lambda: all((product.run(run)["percent"] or 0) > 12 for _, run in running.values()), 120)
    yield product, _pages(ids, *running["Video library"])
    product.clear()
    product.stop()


MOVING = {
    "Video library": ("rsync", "/srv/media/video", "/mnt/usb/video", "Concerts/2019/Elbphilharmonie 2019-11-02.mkv"),
    "Documents": ("rclone", "/srv/share/documents", "/mnt/nas/documents", "Accounts/2026/Q4/Invoices November.ods"),
}


def _begin(product: Product, name: str, engine: str, source: str, dest: str, file: str) -> tuple[str, str]:
    for number in range(20):
        path = Path(source) / f"{number:02} {file}" if "/" not in file else Path(source) / f"{number:02}" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(30_000_000))
    job = product.server.create_job(Path(source), Path(dest), name=name, type=engine, settings=LIVE)
    return job, product.server.start(job)


def _pages(ids: dict[str, str], job: str, run: str) -> dict[str, str]:
    mail, photos = ids["Mail archive"], ids["Photos to NAS"]
    return {
        "01-dashboard": "/",
        "02-jobs": "/jobs/",
        "02-templates": "/templates/",
        "03-form": "/jobs/create",
        "03-form-edit": f"/jobs/{photos}/edit",
        "04-job": f"/jobs/{photos}",
        "04-job-warnings": f"/jobs/{mail}",
        "04-job-configuration": f"/jobs/{photos}?tab=configuration",
        "04-job-log": f"/jobs/{photos}?tab=log",
        "05-run": f"/jobs/{job}/runs/{run}",
        "07-logs": "/logs/",
        "07-logs-found": "/logs/?search=denied",
        "07-runs": "/logs/runs",
        "08-settings": "/settings/",
        "09-remotes": "/remotes/",
        "10-not-found": "/nowhere",
    }


if __name__ == "__main__":
    if "--here" not in sys.argv:
        mounts = 'mount -t tmpfs tmpfs /srv && mount -t tmpfs tmpfs /mnt && exec "$@"'
        own = [sys.executable, "-m", "tests.e2e.pictures", *sys.argv[1:], "--here"]
        os.execvp("unshare", ["unshare", "--mount", "sh", "-c", mounts, "sh", *own])
    main(Path(sys.argv[1]))
