"""`jobs import`: shows first, creates only when asked to, and its exit status says whether something was left."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.flask_app.pages import Pages


@pytest.fixture
def crontab(pages: Pages) -> str:
    (pages.folder / "photos").mkdir()
    return f"0 3 * * * rsync -a {pages.folder}/photos/ {pages.folder}/copy\n"


def run(pages: Pages, text: str, *more: str, status: int = 0) -> Any:
    file = Path(pages.folder) / "given"
    file.write_text(text)
    done = pages.app.test_cli_runner().invoke(args=["jobs", "import", str(file), *more])
    assert done.exit_code == status, done.output
    return json.loads(done.stdout) if "--json" in more else done.output


def test_it_shows_and_creates_nothing(pages: Pages, crontab: str) -> None:
    said = run(pages, crontab)
    assert "Line 1: photos (rsync)" in said
    assert "  - It ran by itself (`0 3 * * *`)" in said
    assert "1 job found, none created. --create would create all." in said
    assert len(pages.core.jobs.snapshot().jobs) == 0


def test_it_says_how_many_could_be_created(pages: Pages, crontab: str) -> None:
    wrong = "1 1 * * * rsync -a relative /x\n"
    assert "2 jobs found, none created. --create would create 1." in run(pages, crontab + wrong)
    assert "1 job found, none created. None can be created as it is." in run(pages, wrong)


def test_it_creates_when_it_is_asked_to_and_not_twice(pages: Pages, crontab: str) -> None:
    answer = run(pages, crontab, "--create", "--json")
    assert answer["created"] == list(pages.core.jobs.snapshot().jobs)
    assert answer["from"] == "crontab"
    assert "A job copies from there to there already" in run(pages, crontab, "--create", status=1)
    assert len(pages.core.jobs.snapshot().jobs) == 1


def test_what_cannot_be_created_is_left_and_the_status_says_so(pages: Pages, crontab: str) -> None:
    said = run(pages, crontab + "1 1 * * * rsync -a relative /x\n", "--create", status=3)
    assert "! source: " in said
    assert "1 job created, 1 not." in said
    assert len(pages.core.jobs.snapshot().jobs) == 1


def test_what_is_no_text_is_a_wrong_call(pages: Pages) -> None:
    assert run(pages, "jobs: [", "--json", status=2)["error"]["fields"].keys() == {"text"}


def test_an_export_comes_in_again(pages: Pages, crontab: str) -> None:
    run(pages, crontab, "--create")
    exported = pages.core.imports.text()
    pages.core.manager.delete(next(iter(pages.core.jobs.snapshot().jobs)))
    run(pages, exported, "--create")
    assert pages.core.imports.text() == exported
