"""The way back in the browser, the API and the command line: what is shown, what is asked, what is refused."""

import os
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.container import Container, build_container
from flask_app import create_app
from flask_app.config import ServerConfig
from flask_app.utils.names import name_of, token_of
from models.errors import InvalidInput
from models.job import Job
from models.run import Run, RunState
from tests.flask_app.pages import Pages
from tests.servers import until

HARD = (b"new\nline", b"\xff\xfe", b"-rf", b"<script>alert(1)", b"plain")


class Copied:
    """A job whose copy lies there, as a run would have left it."""

    def __init__(self, pages: Pages) -> None:
        self.pages, self.copy = pages, pages.folder / "copy"
        self.job: Job = pages.job(source=f"{pages.folder}/photos/", dest=str(self.copy))
        (self.copy / "folder" / "sub").mkdir(parents=True)
        (self.copy / "folder" / "sub" / "deep").write_text("deep")
        for name in HARD:
            Path(os.fsdecode(os.path.join(os.fsencode(self.copy), name))).write_bytes(name)
        self.place = f"/jobs/{self.job.id}/restore"

    def choose(self, *names: bytes, **fields: Any) -> TestResponse:
        return self.pages.post(self.place, **({"what": "chosen", "name": [token_of(name) for name in names]} | fields))

    def ended(self, answer: TestResponse) -> Run:
        """The run that a form led to, at its end."""
        assert answer.status_code == 303, answer.text
        return self.end(answer.headers["Location"].rsplit("/", 1)[1])

    def end(self, run_id: str) -> Run:
        core = self.pages.core

        def has_ended() -> bool:
            core.watcher.step()
            return not (core.folder.active / run_id).exists()

        until(has_ended)
        return core.manager.run(run_id)


def leave(core: Container) -> None:
    """Wait for the supervisors that this process started."""
    for child in core.chores._dispatcher._children:  # type: ignore[attr-defined]
        child.wait(15)


@pytest.fixture
def copied(pages: Pages) -> Iterator[Copied]:
    yield Copied(pages)
    leave(pages.core)


def test_a_token_carries_every_name_and_nothing_else_is_one() -> None:
    for name in (*HARD, b"", b"x" * 4000, bytes(range(1, 256))):
        assert name_of(token_of(name)) == name
    for token in ("a", "../..", "%2e", "a=", "ä", "x" * 9000, "a b"):
        with pytest.raises(InvalidInput):
            name_of(token)


def test_a_folder_is_shown_with_names_that_cannot_hurt(copied: Copied) -> None:
    page = copied.pages.get(copied.place).text
    for shown in (r"new\nline", r"\xff\xfe", "-rf", "&lt;script&gt;alert(1)", "plain", "folder"):
        assert shown in page
    assert "<script>alert" not in page
    folder = re.search(r'href="([^"]*\?folder=\w+)"[^>]*><svg', page)
    assert folder
    inside = copied.pages.get(unescape(folder[1])).text
    assert ">sub<" in inside
    assert "-restored-" in inside


@pytest.mark.parametrize("folder", [b"..", b"../photos", b"/etc", b"folder/../..", b"fol\0der", b"folder//sub"])
def test_no_folder_leads_out_of_the_copy(copied: Copied, folder: bytes) -> None:
    answer = copied.pages.get(f"{copied.place}?folder={token_of(folder)}")
    assert answer.status_code == 422
    assert copied.choose(b"plain", folder=token_of(folder), target="/tmp/never").status_code == 422
    assert not Path("/tmp/never").exists()


def test_a_link_out_of_the_copy_is_not_followed(copied: Copied) -> None:
    (copied.copy / "out").symlink_to("/etc")
    answer = copied.pages.get(f"{copied.place}?folder={token_of(b'out')}")
    assert answer.status_code == 409
    assert "is a file or a link, not a folder" in answer.text
    assert "passwd" not in answer.text


def test_what_is_chosen_comes_back_in_a_new_folder(copied: Copied) -> None:
    target = copied.pages.folder / "back"
    run = copied.ended(copied.choose(*HARD[:4], target=str(target)))
    assert run.state is RunState.DONE, run.outcome
    assert sorted(os.listdir(os.fsencode(target))) == sorted(HARD[:4])
    page = copied.pages.get(f"/jobs/{copied.job.id}/runs/{run.id}").text
    assert "What came back is proven" in page


def test_everything_of_a_folder_comes_back(copied: Copied) -> None:
    target = copied.pages.folder / "back"
    run = copied.ended(copied.choose(what="all", folder=token_of(b"folder"), target=str(target)))
    assert run.state is RunState.DONE, run.outcome
    assert [path.name for path in target.rglob("*") if path.is_file()] == ["deep"]


def test_a_refusal_loses_nothing_that_was_typed(copied: Copied) -> None:
    answer = copied.choose(b"plain", target="not absolute", merge="1", folder="")
    assert answer.status_code == 422
    assert 'value="not absolute"' in answer.text
    assert "field-target-error" in answer.text
    assert re.search(f'value="{token_of(b"plain")}" checked', answer.text)
    nothing = copied.choose(target="/tmp/x")
    assert nothing.status_code == 422
    assert "Choose files or folders in the list" in nothing.text


def test_in_place_a_preview_comes_first_and_a_button_says_what_it_replaces(copied: Copied) -> None:
    mine = copied.pages.folder / "photos/plain"
    mine.write_text("mine, and newer")
    os.utime(mine, (2e9, 2e9))
    preview = copied.ended(copied.choose(what="all", place="original"))
    page = copied.pages.get(f"/jobs/{copied.job.id}/runs/{preview.id}").text
    for words in ("This restore would replace 1 file", "Replace 1 file, restore 5", "Only what is missing: 5 files"):
        assert words in page
    assert "1 file in the way is newer than the copy." in page
    assert mine.read_text() == "mine, and newer"
    unseen = copied.pages.post(copied.place, previewed="20260101T000000000Z-000000", overwrite="1")
    assert unseen.status_code == 404
    missing = copied.ended(copied.pages.post(copied.place, previewed=preview.id))
    assert (missing.state, mine.read_text()) == (RunState.DONE, "mine, and newer")
    replaced = copied.ended(copied.pages.post(copied.place, previewed=preview.id, overwrite="1"))
    assert (replaced.state, mine.read_text()) == (RunState.DONE, "plain")


def test_a_copy_that_is_not_there_says_so_with_a_way_on(copied: Copied) -> None:
    copied.copy.rename(copied.pages.folder / "unplugged")
    answer = copied.pages.get(copied.place)
    assert answer.status_code == 409
    assert "plug it in" in answer.text
    assert "Look again" in answer.text


def test_a_rehearsal_is_one_button(copied: Copied) -> None:
    run = copied.ended(copied.pages.post(f"/jobs/{copied.job.id}/rehearse"))
    assert (run.kind, run.state) == ("rehearsal", RunState.DONE)
    assert "restored files equal the source" in copied.pages.get(f"/jobs/{copied.job.id}/runs/{run.id}").text


def test_a_stopped_restore_offers_to_be_carried_on(copied: Copied) -> None:
    run = copied.pages.run(copied.job, RunState.PAUSED, kind="restore", is_way_back=True)
    page = f"/jobs/{copied.job.id}/runs/{run.id}"
    assert f'action="{page}/resume"' in copied.pages.get(page).text
    answer = copied.pages.post(f"{page}/resume")
    assert answer.status_code == 409
    assert "not kept any more" in answer.text


@pytest.fixture
def api(pages: Pages, config: ServerConfig) -> Iterator[FlaskClient]:
    """The API over the same data folder."""
    core = build_container(config.data_dir)
    yield create_app(core, config).test_client()
    leave(core)


def test_the_api_browses_restores_and_refuses(copied: Copied, api: FlaskClient) -> None:
    path = f"/api/v1/jobs/{copied.job.id}"
    found = api.get(f"{path}/browse").json
    assert found
    entries = {os.fsencode(entry["name"]): entry for entry in found["data"]["entries"]}
    assert entries.keys() == {b"folder", *HARD}
    inside = api.get(f"{path}/browse?token={entries[b'folder']['token']}").json
    assert inside
    assert inside["data"] == (api.get(f"{path}/browse?folder=folder").json or {})["data"]
    body = {"paths": ["folder/"], "tokens": [entries[b"\xff\xfe"]["token"]], "target": f"{copied.pages.folder}/api"}
    begun = api.post(f"{path}/restore", json=body)
    assert begun.status_code == 202, begun.text
    assert begun.json
    run = copied.end(begun.json["data"]["run_id"])
    assert (run.state, run.trigger) == (RunState.DONE, "api")
    assert sorted(os.listdir(os.fsencode(f"{copied.pages.folder}/api"))) == [b"folder", b"\xff\xfe"]
    for wrong in ({"paths": ["../x"]}, {"paths": ["/etc"]}, {"paths": [""]}, {"tokens": ["!"]}, {"target": 5}):
        assert api.post(f"{path}/restore", json=wrong).status_code == 422, wrong
    (copied.pages.folder / "photos/plain").write_text("mine")
    unseen = api.post(f"{path}/restore", json={"overwrite": True})
    assert (unseen.status_code, (unseen.json or {})["error"]["code"]) == (409, "preview_needed")
    assert api.get(f"{path}/browse?folder=../photos").status_code == 422
    assert api.get("/api/v1/jobs/no-such-job/browse").status_code == 404
    assert api.get(f"{path}/browse?accept_identity=1").status_code == 200
    assert api.get(f"{path}/browse?accept_identity=yes").status_code == 422, "no word is guessed"


def test_the_command_line_restores_and_rehearses(copied: Copied, config: ServerConfig) -> None:
    core = build_container(config.data_dir)
    commands, back = create_app(core, config).test_cli_runner(), str(copied.pages.folder / "terminal")
    listed = commands.invoke(args=["jobs", "browse", copied.job.id])
    assert (listed.exit_code, "folder/" in listed.output) == (0, True)
    restored = commands.invoke(args=["jobs", "restore", copied.job.id, "plain", "folder/", "--to", back, "--wait"])
    assert (restored.exit_code, "done." in restored.output) == (0, True), restored.output
    assert sorted(os.listdir(back)) == ["folder", "plain"]
    assert commands.invoke(args=["jobs", "restore", copied.job.id, "plain"]).exit_code == 2
    rehearsed = commands.invoke(args=["jobs", "rehearse", copied.job.id, "--wait"])
    assert (rehearsed.exit_code, "equal the source" in rehearsed.output) == (0, True), rehearsed.output
    leave(core)
