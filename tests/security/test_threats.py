"""Every attack is carried out on the product, and again with its defences taken out: then it has to succeed.

`script/prove attacks` carries out all of them, and each also with all but one of its defences taken out.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.security.defences import DEFENCES
from tests.security.markup import furnish
from tests.security.site import Site, chromium, site_below
from tests.security.threats import MARKUP, THREATS, Threat, documented, table
from tests.whole import IS_WHOLE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.timeout(1200 if IS_WHOLE else 120),
    # A page that is closed early leaves the file it was being sent open in this process for a moment.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
TRIED = [threat for threat in THREATS if IS_WHOLE or threat.is_small]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Site]:
    with site_below(tmp_path_factory.mktemp("attacked"), browser) as site:
        yield site


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Site]:
    root = tmp_path_factory.mktemp("furnished")
    runs = furnish(root / "data")
    with site_below(root, browser) as site:
        site.furnished = runs
        yield site


@pytest.fixture
def site(request: pytest.FixtureRequest, threat: Threat) -> Iterator[Site]:
    found: Site = request.getfixturevalue("furnished" if threat.row == MARKUP else "empty")
    yield found
    found.clear()


def test_the_document_says_which_attacks_there_are() -> None:
    assert documented() == table(), "python -m tests.security.threats writes it"


def test_every_defence_is_taken_out_by_some_test() -> None:
    assert {layer for threat in THREATS for layer in threat.layers} == set(DEFENCES)


@pytest.mark.parametrize("threat", TRIED, ids=lambda threat: threat.name)
def test_an_attack_gains_nothing_and_each_of_its_defences_alone_is_enough(site: Site, threat: Threat) -> None:
    assert threat.attack(site) == ""
    for layer in threat.layers if IS_WHOLE and len(threat.layers) > 1 else ():
        with site.without(*(DEFENCES[other] for other in threat.layers if other != layer)):
            site.clear()
            assert threat.attack(site) == "", f"{layer!r} alone"
    with site.without(*(DEFENCES[layer] for layer in threat.layers)):
        site.clear()
        assert threat.attack(site) != "", "with its defences taken out it has to succeed, or it proves nothing"
