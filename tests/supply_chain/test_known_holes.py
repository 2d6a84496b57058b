"""The question about published holes, asked of a stand-in that answers, fails or hangs as pip-audit does."""

import json
import sys
from typing import Any

import pytest

from tests.supply_chain.known_holes import main

SOUND = {"name": "flask", "version": "3.1.0", "vulns": []}
HOLED = {
    "name": "pyyaml",
    "version": "5.3",
    "vulns": [{"id": "PYSEC-2021-142", "fix_versions": ["5.4"], "aliases": []}],
}
UNKNOWN = {"name": "humanize", "skip_reason": "Dependency not found on PyPI and could not be audited: humanize (4.12)"}


def stand_in(code: str) -> tuple[str, ...]:
    return sys.executable, "-c", code


def answering(*packages: dict[str, Any]) -> tuple[str, ...]:
    holed = any(package.get("vulns") for package in packages)
    said = json.dumps({"dependencies": packages, "fixes": []})
    return stand_in(f"import sys; print({said!r}); sys.exit({int(holed)})")


def failing(words: str) -> tuple[str, ...]:
    return stand_in(f"import sys; sys.exit({words!r})")


def test_no_hole_in_any_package_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(answering(SOUND, SOUND)) == 0
    assert capsys.readouterr().out == "No published hole in 2 packages.\n"


def test_a_published_hole_fails_and_says_what_mends_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(answering(SOUND, HOLED)) == 1
    assert capsys.readouterr().out == "pyyaml 5.3 has a published hole: PYSEC-2021-142 (mended in 5.4).\n"


def test_what_the_index_does_not_know_is_counted_and_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(answering(UNKNOWN, UNKNOWN)) == 0
    assert capsys.readouterr().out == (
        "The package index has no answer about 2 of 2 packages: these were not checked.\n"
    )


def test_a_hole_fails_also_where_others_are_not_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(answering(UNKNOWN, HOLED)) == 1
    assert "PYSEC-2021-142" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        "requests.exceptions.ProxyError: HTTPSConnectionPool(host='index.example', port=443): Max retries exceeded",
        "pip_audit._service.interface.ServiceError",
        "ERROR:pip_audit._cli:Tip: your network may be blocking this service. Try another service with `-s SERVICE`",
    ],
)
def test_an_index_that_cannot_be_asked_is_said_and_passes(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(failing(words)) == 0
    assert capsys.readouterr().out == "The package index could not be asked about published holes: not checked.\n"


def test_an_index_that_never_answers_is_said_and_passes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(stand_in("import signal; signal.pause()"), seconds=0.5) == 0
    assert capsys.readouterr().out == "The package index could not be asked about published holes: not checked.\n"


def test_a_broken_pip_audit_is_not_taken_for_a_silent_index() -> None:
    with pytest.raises(RuntimeError, match="No module named pip_audit"):
        main(failing("No module named pip_audit"))
