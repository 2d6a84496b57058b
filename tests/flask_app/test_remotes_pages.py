"""flask_app/routes/remotes.py and its templates, with a real rclone"""

import re
import socket
import threading
from pathlib import Path
from typing import Any

import pytest
import requests

from flask_app import create_app
from flask_app.config import read_environment
from flask_app.listen import AsyncMode
from tests.core.remotes_house import RemotesHouse, obscured, revealed
from tests.flask_app.pages import Pages
from tests.remote_servers import PASSWORD, USER, encrypt, serving
from tests.servers import DEADLINE
from tests.servers import serving as server_on

Typed = dict[str, Any]
SECRET = "k33p this to yourself"


@pytest.fixture
def house(tmp_path: Path) -> RemotesHouse:
    return RemotesHouse(tmp_path)


@pytest.fixture
def pages(house: RemotesHouse) -> Pages:
    config = read_environment({"BACKUP_MANAGER_DATA_DIR": str(house.folder.root)})
    return Pages(create_app(house.parts, config), house.parts, house.root)


def words(answer: Any) -> str:
    text = re.sub(r"<[^>]*>", " ", answer.text)
    return " ".join(text.replace("&#39;", "'").replace("&#34;", '"').split())


def test_without_remotes_the_page_offers_every_kind(pages: Pages) -> None:
    page = pages.get("/remotes/")
    assert page.status_code == 200
    assert "None yet." in words(page)
    for kind in ("sftp", "webdav", "smb", "s3", "local", "crypt", "drive", "onedrive"):
        assert f'href="/remotes/add?kind={kind}"' in page.text


def test_the_list_shows_where_a_remote_leads_and_who_uses_it(house: RemotesHouse, pages: Pages) -> None:
    house.write(f"[nas]\ntype = sftp\nhost = nas.lan\npass = {obscured(SECRET)}\n[<b>x</b>]\ntype = <i>\n")
    job = house.job("nas:photos")
    page = pages.get("/remotes/")
    assert "nas.lan" in words(page)
    assert f'href="/jobs/{job.id}"' in page.text
    assert "<b>x</b>" not in page.text
    assert "&lt;b&gt;x&lt;/b&gt;" in page.text
    assert "does not check this host's key" in words(page)


def test_a_broken_file_is_named_with_the_reason(house: RemotesHouse, pages: Pages) -> None:
    house.write("what is this\n")
    page = pages.get("/remotes/")
    assert page.status_code == 200
    assert f"rclone cannot read {house.config}. One of its lines is neither" in words(page)


def test_a_remote_is_added_changed_and_deleted_by_plain_forms(house: RemotesHouse, pages: Pages) -> None:
    typed: Typed = {
        "kind": "webdav",
        "name": "cloud",
        "url": "http://127.0.0.1:1/dav/",
        "vendor": "other",
        "user": "anna",
        "pass": SECRET,
    }
    added = pages.post("/remotes/add", **typed)
    assert (added.status_code, added.location) == (303, "/remotes/")
    assert revealed(house.remotes.section("cloud")["pass"]) == SECRET
    assert "cloud added" in words(pages.get("/remotes/"))

    form = pages.get("/remotes/cloud/edit")
    assert 'value="http://127.0.0.1:1/dav/"' in form.text
    assert "Empty: unchanged." in words(form)
    pages.post("/remotes/cloud/edit", url="http://127.0.0.1:2/", vendor="nextcloud", user="bert")
    section = house.remotes.section("cloud")
    assert (section["url"], section["user"], revealed(section["pass"])) == ("http://127.0.0.1:2/", "bert", SECRET)

    question = pages.get("/remotes/cloud/delete")
    assert "Delete “cloud”?" in words(question)
    assert '<h1 class="sr-only">Remotes</h1>' in question.text
    assert '<a class="parent" href="/remotes/">' in question.text
    assert pages.post("/remotes/cloud/delete").status_code == 303
    assert house.remotes.names() == ()


def test_what_is_wrong_stands_beside_its_field_and_nothing_but_secrets_is_lost(pages: Pages) -> None:
    wrong: Typed = {
        "kind": "sftp",
        "name": "-x",
        "host": "nas.lan:22",
        "port": "x",
        "user": "an na",
        "pass": SECRET,
    }
    page = pages.post("/remotes/add", **wrong)
    assert page.status_code == 422
    for field in ("name", "host", "port"):
        assert f'id="field-{field}-error"' in page.text
    for text in ("-x", "nas.lan:22", "an na"):
        assert f'value="{text}"' in page.text
    assert SECRET not in page.text


def test_no_page_holds_a_secret(house: RemotesHouse, pages: Pages) -> None:
    hidden = obscured(SECRET)
    house.write(
        f"[nas]\ntype = sftp\nhost = n\npass = {hidden}\n[s3]\ntype = s3\naccess_key_id = AK\n"
        f"secret_access_key = {SECRET}\n[d]\ntype = drive\ntoken = {SECRET}\n"
        f"[w]\ntype = webdav\nurl = http://u:{hidden}@127.0.0.1:1/\nbearer_token = {SECRET}\n"
        f"[c]\ntype = crypt\nremote = nas:x\npassword = {hidden}\n"
    )
    paths = ["/remotes/", "/api/v1/remotes", "/settings/"]
    paths += [f"/remotes/{name}/{page}" for name in ("nas", "s3", "w", "c") for page in ("edit", "delete")]
    texts = [pages.get(path).text for path in paths]
    texts += [pages.post(f"/remotes/{name}/test", htmx=True).text for name in ("w", "c")]
    assert [text for text in texts if SECRET in text or hidden in text] == []


def test_a_remote_in_use_names_its_jobs_and_stays(house: RemotesHouse, pages: Pages) -> None:
    house.write("[nas]\ntype = local\n")
    house.job("nas:photos")
    question = pages.get("/remotes/nas/delete")
    assert "nas is in use" in words(question)
    assert "Cloud" in words(question)
    assert "Delete the remote" not in words(question)
    assert pages.post("/remotes/nas/delete").status_code == 409
    assert house.remotes.names() == ("nas",)


def test_a_kind_with_a_browser_gives_exact_lines(house: RemotesHouse, pages: Pages) -> None:
    page = pages.get("/remotes/add?kind=drive&name=mine")
    assert f"rclone --config {house.config} config create mine drive" in words(page)
    assert "rclone authorize drive" in words(page)
    refused = pages.get("/remotes/add?kind=drive&name=$(x)")
    assert refused.status_code == 422
    assert "config create" not in words(refused)
    assert pages.get("/remotes/add?kind=nosuch").status_code == 404


def test_an_encrypted_file_is_opened_once_and_then_gives_lines_to_run(house: RemotesHouse, pages: Pages) -> None:
    house.write("[nas]\ntype = local\n")
    encrypt(house.config, SECRET)
    assert "rclone.conf is encrypted" in words(pages.get("/remotes/"))
    wrong = pages.post("/remotes/password", password="not it")
    assert wrong.status_code == 422
    assert "does not open" in words(wrong)
    assert pages.post("/remotes/password", password=SECRET).status_code == 303
    opened = pages.get("/remotes/")
    assert "nas" in words(opened)
    assert SECRET not in opened.text

    typed: Typed = {
        "kind": "webdav",
        "name": "cloud",
        "url": "http://127.0.0.1/",
        "vendor": "other",
        "pass": "x-y-z-9",
    }
    line = pages.post("/remotes/add", **typed)
    assert line.status_code == 409
    assert f"rclone --config {house.config} config create cloud webdav url=http://127.0.0.1/" in words(line)
    assert "x-y-z-9" not in line.text
    assert 'value="cloud"' in line.text
    assert "config delete nas" in words(pages.post("/remotes/nas/delete"))
    assert pages.post("/remotes/password", forget="1").status_code == 303
    assert "Open rclone.conf" in words(pages.get("/remotes/"))


def test_a_test_says_what_it_found(house: RemotesHouse, pages: Pages, tmp_path: Path) -> None:
    served = tmp_path / "served"
    served.mkdir()
    with serving("sftp", served) as port:
        add: Typed = {"kind": "sftp", "name": "nas", "host": "127.0.0.1", "port": str(port), "user": USER}
        pages.post("/remotes/add", **add | {"pass": PASSWORD})
        question = pages.post("/remotes/nas/test", htmx=True)
        assert question.status_code == 409
        assert question.headers["HX-Retarget"] == "#dialog"
        key = re.findall(r'name="fingerprint" value="([^"]+)"', question.text)
        assert key
        assert pages.post("/remotes/nas/host-key", fingerprint=key).status_code == 303
        assert "nas answers" in words(pages.post("/remotes/nas/test", htmx=True))
    silent = pages.post("/remotes/nas/test", htmx=True)
    assert "nas cannot be used" in words(silent)
    assert "nothing listens on that port" in words(silent)
    assert pages.post("/remotes/gone/test").status_code == 404


def test_scripts_may_list_and_test(house: RemotesHouse, pages: Pages) -> None:
    house.write("[here]\ntype = local\n[down]\ntype = webdav\nurl = http://127.0.0.1:1/\n")
    listed = pages.get("/api/v1/remotes").get_json()["data"]
    assert [(remote["name"], remote["type"]) for remote in listed] == [("down", "webdav"), ("here", "local")]
    answered = pages.post("/api/v1/remotes/here/test")
    assert (answered.status_code, answered.get_json()["data"]["sentence"]) == (200, "It answers.")
    silent = pages.post("/api/v1/remotes/down/test")
    assert (silent.status_code, silent.get_json()["error"]["code"]) == (409, "remote_silent")
    assert pages.post("/api/v1/remotes/gone/test").status_code == 404


@pytest.mark.both_modes
def test_pages_go_on_while_a_remote_is_silent(house: RemotesHouse, server_mode: AsyncMode) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent, server_on(house.folder.root, server_mode) as server:
        silent.settimeout(DEADLINE)
        house.write(f"[hole]\ntype = webdav\nurl = http://127.0.0.1:{silent.getsockname()[1]}/\n")
        answers: list[requests.Response] = []
        asked = threading.Thread(target=lambda: answers.append(server.api("POST", "/remotes/hole/test")))
        asked.start()
        with silent.accept()[0]:
            for _ in range(5):
                assert requests.get(f"{server.address}/healthz", timeout=DEADLINE).ok
            assert asked.is_alive()
        silent.close()
        asked.join(DEADLINE)
    assert answers[0].json()["error"]["code"] == "remote_silent"
