"""Whatever stands in names, paths, errors and log lines: every page and export shows it, and it does nothing."""

import io
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from flask_app.listen import AsyncMode
from tests.e2e.browser import WIDE, NewVisit, Product, Visit
from tests.e2e.crawl import kind_of, pages
from tests.e2e.hostile_world import PAYLOADS, World, furnish_hostile
from tests.e2e.judging import NARROW, too_wide
from tests.whole import only_whole
from utils.text import HOSTILE

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
FOREIGN = "img, iframe, object, embed, base, script:not([src]), [onerror], [onclick], [onload], body [style]"
HARMED = """(foreign) => {
  const leadsTo = (element) => element.getAttribute("href") ?? element.getAttribute("action");
  const harms = (element) => /^\\s*(javascript|data):/i.test(leadsTo(element));
  const found = [...document.querySelectorAll(foreign), ...[...document.querySelectorAll("a, form")].filter(harms)];
  const ran = window.pwned ? ["a script of somebody else ran"] : [];
  return [...ran, ...found.map((element) => element.outerHTML.slice(0, 200))];
}"""
TEXT = """() => {
  const said = [...document.querySelectorAll("[title], [value], [aria-label]")];
  const words = said.map((element) => `${element.title} ${element.value} ${element.ariaLabel}`);
  return [document.title, document.body.textContent, ...words].join("\\n");
}"""


@dataclass(frozen=True)
class Hostile:
    product: Product
    world: World

    @property
    def starts(self) -> tuple[str, ...]:
        job_pages = [f"/jobs/{job_id}" for job_id in self.world.jobs.values()]
        return ("/", "/jobs/", "/logs/", "/settings/", "/remotes/", *job_pages)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, server_mode: AsyncMode) -> Iterator[Hostile]:
    folder = tmp_path_factory.mktemp("hostile")
    world = furnish_hostile(folder / "data")
    product = Product(folder / "data", server_mode)
    product.start()
    yield Hostile(product, world)
    product.stop()


def wrong_with(visit: Visit) -> list[str]:
    found = list(visit.page.evaluate(HARMED, FOREIGN))
    found += [
        f"a raw control character: {raw!r}" for raw in HOSTILE.findall(visit.page.evaluate(TEXT)) if raw not in "\n\t\r"
    ]
    found += too_wide(visit.page, WIDE, NARROW)
    return found


def raw_controls(text: str) -> list[str]:
    """Control characters that stand in the text as they are; the ends of lines may."""
    return [repr(raw) for raw in HOSTILE.findall(text.removeprefix("\ufeff")) if raw not in "\n\r\t"]


def unpacked(content: bytes) -> bytes:
    """A file as it is; of an archive all that is in it, with the names."""
    if not content.startswith(b"\x1f\x8b"):
        return content
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        return b"\n".join(
            part for one in archive if (file := archive.extractfile(one)) for part in (one.name.encode(), file.read())
        )


def test_hostile_words_are_shown_as_they_are_on_every_page_and_in_every_export(
    hostile: Hostile, new_visit: NewVisit
) -> None:
    visit = new_visit(hostile.product.address)
    visit.allow_status(409)  # there is no copy to look into
    wrong, downloads, shown, seen = dict[str, list[str]](), dict[str, bytes](), set[str](), set[str]()
    for path in pages(visit.page, hostile.product.address, hostile.starts, downloads):
        seen.add(kind_of(path))
        wrong[kind_of(path)] = wrong_with(visit) or wrong.get(kind_of(path), [])
        text = visit.page.evaluate(TEXT)
        shown |= {payload for payload in PAYLOADS if payload in text}
    assert {kind: found for kind, found in wrong.items() if found} == {}
    assert len(seen) >= 20, "links were not followed"
    assert downloads, "no export was found"
    assert [payload for payload in PAYLOADS if payload not in shown] == [], "not shown truthfully anywhere"
    raw = {kind_of(path): raw_controls(unpacked(content).decode("utf-8")) for path, content in downloads.items()}
    assert {kind: found for kind, found in raw.items() if found} == {}


@only_whole
def test_every_page_is_whole_without_javascript(hostile: Hostile, new_visit: NewVisit) -> None:
    visit = new_visit(hostile.product.address, java_script_enabled=False)
    visit.allow_status(409)
    headings = {
        path: visit.page.locator("h1").count()
        for path in pages(visit.page, hostile.product.address, hostile.starts, {})
    }
    assert {path: count for path, count in headings.items() if count != 1} == {}
