"""Choosing a folder for the job form: nothing typed is lost, nothing leads out, every name is shown truthfully."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from flask_app.utils.names import token_of
from tests.flask_app.pages import Pages

HARD = [b"new\nline", b"\xe2\x80\xaegnp", b"bad\xff", b"<img src=x onerror=alert(1)>", b"n" * 255]


def token(path: Path | bytes | str) -> str:
    return token_of(path if isinstance(path, bytes) else os.fsencode(path))


def typed(pages: Pages, **changes: Any) -> dict[str, Any]:
    source = pages.folder / "photos"
    (source / "deep").mkdir(parents=True, exist_ok=True)
    filled = {"name": "My <job>", "type": "rsync", "source": str(source), "dest": "/mnt/x", "exclude": "a\r\n<b>"}
    return filled | {"options": ["", "acls"], "password": "typed"} | changes


@pytest.mark.parametrize("htmx", [True, False])
def test_the_browser_opens_where_the_field_points_and_keeps_the_form(pages: Pages, htmx: bool) -> None:
    answer = pages.post("/jobs/browse", htmx=htmx, browse="source", **typed(pages))
    assert answer.status_code == 200
    assert (answer.headers.get("HX-Retarget") == "#dialog") is htmx
    assert "Choose the source" in answer.text
    assert 'name="name" value="My &lt;job&gt;"' in answer.text
    assert 'name="exclude" value="a\r\n&lt;b&gt;"' in answer.text
    assert 'name="options" value="acls"' in answer.text
    assert f'value="{token(pages.folder / "photos/deep")}"' in answer.text
    assert answer.text.count('name="csrf_token"') == 1
    assert 'name="password"' not in answer.text, "a password is never on a page"
    assert 'value="typed"' not in answer.text
    assert 'name="retype" value="1"' in answer.text


@pytest.mark.parametrize("htmx", [True, False])
def test_what_is_chosen_stands_in_the_form_with_all_that_was_typed(pages: Pages, htmx: bool) -> None:
    chosen = pages.folder / "photos/deep"
    fields = typed(pages) | {"browse": "dest", "here": token(chosen), "choose": "", "below": "new one"}
    answer = pages.post("/jobs/browse", htmx=htmx, **fields)
    assert f'name="dest" value="{chosen}/new one"' in answer.text
    assert f'name="source" value="{fields["source"]}"' in answer.text
    assert 'value="My &lt;job&gt;"' in answer.text
    assert "&lt;b&gt;</textarea>" in answer.text
    assert re.search(r'value="acls" checked', answer.text)
    assert 'value="typed"' not in answer.text, "a password is never on a page"
    assert 'id="field-password-error"' in answer.text, "and that it must be typed again is said"
    assert not (chosen / "new one").exists()


def test_that_a_password_was_typed_is_not_forgotten_on_the_way_through_folders(pages: Pages) -> None:
    for password in ("typed", ""):
        fields = typed(pages, password=password)
        inner = pages.post("/jobs/browse", browse="source", at=token(pages.folder / "photos"), **fields).text
        kept = {"retype": "1"} if 'name="retype" value="1"' in inner else {}
        back = pages.post("/jobs/browse", browse="source", back="1", **typed(pages, password="") | kept).text
        assert ("Type it again" in back) is bool(password)
        assert ('name="retype" value="1"' in back) is bool(password), "so that it is told after the next folder too"
        other = pages.post(
            "/jobs/browse", back="1", **typed(pages, password="", type="rclone", browse="dest") | kept
        ).text
        assert 'id="field-password-error"' not in other, "rclone has no such field"


def test_the_way_back_changes_nothing(pages: Pages) -> None:
    fields = typed(pages, source="not a path", bandwidth_limit="fast")
    page = pages.post("/jobs/browse", browse="source", here=token("/"), back="1", **fields).text
    assert 'name="source" value="not a path"' in page
    assert 'value="fast"' in page
    assert 'id="field-bandwidth_limit-error"' in page


def test_an_edited_job_comes_back_as_that_job(pages: Pages) -> None:
    job = pages.job(name="Photos")
    fields: dict[str, Any] = {
        "job_id": job.id,
        "name": "Renamed",
        "browse": "dest",
        "here": token(pages.folder),
        "choose": "",
    }
    page = pages.post("/jobs/browse", **fields).text
    assert f'action="/jobs/{job.id}/edit"' in page
    assert f'name="dest" value="{pages.folder}"' in page
    assert pages.core.jobs.get(job.id).name == "Photos"


@pytest.mark.parametrize("name", HARD)
def test_a_hostile_name_is_shown_truthfully_and_refused_with_words_where_a_job_cannot_name_it(
    pages: Pages, name: bytes
) -> None:
    root = pages.folder / "hard"
    path = os.fsencode(root) + b"/" + name
    os.makedirs(path)
    listed = pages.post("/jobs/browse", browse="source", at=token(root)).text
    assert f'value="{token(path)}"' in listed
    assert "<img" not in listed
    assert "\u202e" not in listed
    entered = pages.post("/jobs/browse", browse="source", at=token(path)).text
    is_fit = name in HARD[3:]
    assert ("a job cannot name it" in entered) is not is_fit
    assert ("Choose this folder" in entered) is is_fit
    back = pages.post("/jobs/browse", browse="source", here=token(path), choose="", source="/before").text
    assert ('name="source" value="/before"' in back) is not is_fit


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (b"/proc", "belongs to the system itself"),
        (b"/no/such/folder", "does not exist"),
        (b"/etc/passwd", "is a file, not a folder"),
        (b"/tmp/../etc", "is not the path of a folder"),
        (b"/a\0b", "is not the path of a folder"),
        (b"relative", "starts with /"),
        (b"nowhere:", "no remote called nowhere"),
    ],
)
def test_what_cannot_be_seen_is_said_in_words_with_ways_on(pages: Pages, path: bytes, words: str) -> None:
    answer = pages.post("/jobs/browse", browse="source", at=token(path), name="kept")
    assert answer.status_code == 200
    assert words in answer.text
    assert "Back to the form" in answer.text
    assert 'value="kept"' in answer.text
    assert "Choose this folder" not in answer.text


def test_a_token_that_nobody_gave_is_refused(pages: Pages) -> None:
    assert pages.post("/jobs/browse", browse="source", at="%%%").status_code == 422


def test_the_data_folder_is_not_shown(pages: Pages) -> None:
    page = pages.post("/jobs/browse", browse="source", at=token(pages.core.folder.root)).text
    assert "keeps its own files" in page


def test_a_plain_link_opens_it_too(pages: Pages) -> None:
    assert "Choose the destination" in pages.get("/jobs/browse?browse=dest").text
    assert "Choose the source" in pages.get("/jobs/browse?browse=nonsense").text


def test_a_long_folder_has_pages_and_a_search(pages: Pages) -> None:
    root = pages.folder / "many"
    for number in range(150):
        (root / f"folder {number:03}").mkdir(parents=True)
    first = pages.post("/jobs/browse", browse="source", at=token(root)).text
    assert "150 folders, page 1 of 2" in first
    assert "folder 149" in pages.post("/jobs/browse", browse="source", here=token(root), page="2").text
    found = pages.post("/jobs/browse", browse="source", here=token(root), find="149").text
    assert "1 folder found" in found
    assert "folder 148" not in found


def test_the_first_page_comes_back_filled(pages: Pages) -> None:
    fields: dict[str, Any] = {"form": "first", "type": "rsync", "source": "/srv/a", "dest": "", "suggest_name": "1"}
    page = pages.post("/jobs/browse?browse=dest", choose=token(pages.folder), **fields).text
    assert "Set up your first backup" in page
    assert f'name="dest" value="{pages.folder}"' in page
    assert 'name="source" value="/srv/a"' in page


def test_a_chosen_remote_chooses_its_engine(pages: Pages) -> None:
    fields: dict[str, Any] = {"form": "first", "type": "rsync", "source": "/srv/a"}
    page = pages.post("/jobs/browse?browse=dest", choose=token(b"nas:"), **fields).text
    assert 'name="dest" value="nas:"' in page
    assert re.search(r'value="rclone" checked', page)
