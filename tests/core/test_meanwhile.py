"""A file that differs because its source changed, told from one whose copy is bad."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.meanwhile import Meanwhile
from engines.registry import engine
from models.findings import Finding, What
from tests import build


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for folder in ("source", "copy"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "file").write_bytes(b"content")
    return tmp_path


def told(place: Path, what: What = "mismatch", name: bytes = b"file", began: float = 10.0, source: str = "") -> What:
    """`began` seconds from now."""
    job = build.job(source=source or f"{place}/source/", dest=str(place / "copy"))
    moment = datetime.now(UTC) + timedelta(seconds=began)
    return Meanwhile(engine("rsync"), job, moment).told(Finding(what, name, 7)).what


@pytest.mark.parametrize("what", ["mismatch", "missing", "unproven"])
def test_a_file_that_changed_since_the_run_began_changed_meanwhile(place: Path, what: What) -> None:
    assert told(place, what, began=-60) == "meanwhile"
    assert told(place, what) == what


def test_a_time_that_was_put_back_hides_no_change(place: Path) -> None:
    os.utime(place / "source" / "file", (1, 1))
    assert told(place, began=-60) == "meanwhile"


def test_a_file_that_is_gone_changed_meanwhile_but_not_with_all_of_the_source(place: Path) -> None:
    assert told(place, name=b"gone") == "meanwhile"
    os.rename(place / "source", place / "unplugged")
    assert told(place, name=b"file") == "mismatch"


@pytest.mark.parametrize("what", ["verified", "attributes", "kept"])
def test_other_findings_are_left_alone(place: Path, what: What) -> None:
    assert told(place, what, began=-60) == what


def test_of_a_source_elsewhere_nothing_can_be_told(place: Path) -> None:
    assert told(place, began=-60, source="nas:/source/") == "mismatch"


def test_a_link_that_differs_is_looked_at_itself(place: Path) -> None:
    (place / "source" / "link").symlink_to("nowhere")
    (place / "copy" / "link").symlink_to("elsewhere")
    assert told(place, name=b"link", began=-60) == "meanwhile"
    assert told(place, name=b"link") == "mismatch"


@pytest.mark.parametrize("slash", ["", "/"])
def test_names_are_looked_up_where_the_job_has_its_files(place: Path, slash: str) -> None:
    assert told(place, began=-60, source=f"{place}/source{slash}") == "meanwhile"
    assert told(place, began=-60, source=f"{place}/source/file") == "meanwhile"


def test_a_copy_that_cannot_be_read_is_unproven(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.meanwhile.os.access", lambda path, _mode: path != os.fsencode(place / "copy" / "file"))
    assert told(place) == "unproven"
