"""axe-core (WCAG 2.1 A and AA) finds nothing on any page in any state; and no page scrolls sideways on a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from flask_app.listen import AsyncMode
from tests.e2e.browser import PHONE, WIDE, NewVisit, Product, Visit
from tests.e2e.crawl import kind_of, pages
from tests.e2e.judging import NARROW, ZOOMED, found_by_axe, moving, too_small, too_wide
from tests.e2e.places import Lived, lived_in, starts, visits
from tests.whole import IS_WHOLE, only_whole, some

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
EXPECTED = (403, 404, 409, 422)
LOOKS = [pytest.param("light", WIDE, id="light 1280"), pytest.param("dark", PHONE, id="dark 390")]


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory, server_mode: AsyncMode) -> Iterator[Lived]:
    with lived_in(tmp_path_factory.mktemp("lived in"), server_mode) as lived:
        yield lived


def window(new_visit: NewVisit, address: str, scheme: str, size: tuple[int, int]) -> Visit:
    visit = new_visit(address, color_scheme=scheme, size=size, bypass_csp=True, reduced_motion="reduce")
    visit.allow_status(*EXPECTED)
    return visit


@pytest.mark.parametrize(("scheme", "size"), some(LOOKS, 0))
def test_what_opens_on_a_page_holds_for_axe_for_thumbs_and_for_the_narrowest_screen(
    lived: Lived, new_visit: NewVisit, scheme: str, size: tuple[int, int]
) -> None:
    visit = window(new_visit, lived.product.address, scheme, size)
    found = {}
    for name, go in visits(lived, is_phone=size == PHONE).items():
        go(visit.page)
        narrow = [*too_small(visit.page), *too_wide(visit.page, NARROW)] if size == PHONE else []
        found[name] = [*found_by_axe(visit.page), *narrow]
    assert {name: seen for name, seen in found.items() if seen} == {}


@pytest.mark.parametrize(("scheme", "size"), LOOKS)
def test_axe_finds_nothing_before_the_first_job(
    product: Product, new_visit: NewVisit, scheme: str, size: tuple[int, int]
) -> None:
    visit = window(new_visit, product.address, scheme, size)
    for path in ("/", "/jobs/", "/logs/", "/settings/"):
        visit.go(path)
        assert found_by_axe(visit.page) == [], path


@pytest.mark.parametrize(("scheme", "size"), some(LOOKS, 1))
def test_every_page_that_a_link_leads_to_holds_for_axe_for_thumbs_for_zoom_and_without_motion(
    lived: Lived, new_visit: NewVisit, scheme: str, size: tuple[int, int]
) -> None:
    visit = window(new_visit, lived.product.address, scheme, size)
    found = {
        kind_of(path): [
            *found_by_axe(visit.page),
            *too_small(visit.page),
            *too_wide(visit.page, NARROW, ZOOMED),
            *moving(visit.page),
        ]
        for path in pages(visit.page, lived.product.address, starts(lived), {}, 2 if IS_WHOLE else 1)
    }
    assert len(found) >= 20, "links were not followed"
    assert {kind: seen for kind, seen in found.items() if seen} == {}


@only_whole
@pytest.mark.parametrize(("scheme", "size"), some(LOOKS, 1))
def test_axe_finds_nothing_while_the_server_is_away(
    own_product: Product, new_visit: NewVisit, scheme: str, size: tuple[int, int]
) -> None:
    visit = window(new_visit, own_product.address, scheme, size)
    visit.allow_outage()
    visit.go("/jobs/")
    visit.live()
    own_product.kill()
    visit.wait("document.documentElement.dataset.connection === 'offline'")
    expect(visit.page.get_by_text("Offline", exact=True).locator("visible=true").first).to_be_visible()
    assert found_by_axe(visit.page) == []
    own_product.start()
    visit.live()
