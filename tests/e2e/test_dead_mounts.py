"""A folder on a host that is away is given up in time, and meanwhile every page answers."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.browse import CannotBrowse
from core.places import Places
from flask_app.listen import AsyncMode
from flask_app.utils.names import token_of
from tests.dead_mount import dead_mount
from tests.e2e.visitor import Visitor
from tests.servers import Server, serving


@pytest.fixture
def away(tmp_path: Path) -> Iterator[Path]:
    with dead_mount(tmp_path / "away") as place:
        yield place


@pytest.fixture
def running(tmp_path: Path, away: Path, server_mode: AsyncMode) -> Iterator[Server]:
    with serving(tmp_path / "data", server_mode) as server:
        yield server


def test_looking_is_given_up_in_time_and_the_folder_above_is_seen(away: Path, tmp_path: Path) -> None:
    eye = Places(lambda: ("/",), tmp_path / "own", seconds=0.5)
    before = time.monotonic()
    with pytest.raises(CannotBrowse, match="did not answer within"):
        eye.look(bytes(away) + b"/photos")
    assert eye.rooms(f"{away}/photos", str(tmp_path))[f"{away}/photos"] is None
    assert eye.rooms(str(tmp_path))[str(tmp_path)] is not None
    assert time.monotonic() - before < 20
    assert away.name.encode() in {row.name for row in eye.look(bytes(tmp_path)).rows}


@pytest.mark.both_modes
def test_the_form_says_that_the_place_does_not_answer_and_no_page_waits(
    running: Server, away: Path, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    source.mkdir()
    port = int(running.address.rsplit(":", 1)[1])
    typed = {"name": "Kept", "type": "rsync", "source": str(source), "dest": f"{away}/copy"}
    asked = {
        "/jobs/browse": {"browse": "dest", "at": token_of(bytes(away)), **typed},
        "/jobs/check": typed,
        "/jobs/create": typed,
    }
    with ThreadPoolExecutor() as people:
        answers = {path: people.submit(Visitor(port).post, path, fields) for path, fields in asked.items()}
        waits = []
        while not all(answer.done() for answer in answers.values()):
            before = time.monotonic()
            assert Visitor(port).get("/healthz").status == 200
            waits.append(time.monotonic() - before)
        pages = {path: answer.result() for path, answer in answers.items()}
    assert max(waits) < 3
    assert "did not answer within" in pages["/jobs/browse"].text
    assert f"{away}/copy does not answer" in pages["/jobs/check"].words
    assert pages["/jobs/create"].status == 422
    assert "does not answer" in pages["/jobs/create"].beside("dest")
    assert all(page.values["name"] == "Kept" for page in pages.values())
