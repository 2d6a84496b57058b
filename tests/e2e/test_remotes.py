"""A person adds a remote in the browser, tests it, makes a job on it and sees why it cannot go."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from flask_app.listen import AsyncMode
from tests.e2e.browser import PHONE, NewVisit, Product, Visit
from tests.e2e.judging import NARROW, found_by_axe, too_small, too_wide
from tests.rclones import SYSTEM
from tests.remote_servers import PASSWORD, USER, encrypt, obscured, serving
from tests.whole import some

pytestmark = pytest.mark.browser
FIELDS = {"Name": "cloud", "User": USER, "Password": PASSWORD}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[int]:
    folder = tmp_path / "served"
    folder.mkdir()
    with serving("webdav", folder) as port:
        yield port


@pytest.fixture(scope="module")
def configured(tmp_path_factory: pytest.TempPathFactory, server_mode: AsyncMode) -> Iterator[Product]:
    """With an rclone.conf of its own beside the data folder."""
    data = tmp_path_factory.mktemp("configured") / "data"
    data.mkdir()
    with open(os.open(data / "config.yaml", os.O_WRONLY | os.O_CREAT, 0o600), "w") as config:
        config.write(f"rclone: {SYSTEM}\nrclone_config: {conf_of(data)}\n")
    product = Product(data, server_mode)
    product.start()
    yield product
    product.stop()


def conf_of(data: Path) -> Path:
    return data.parent / "rclone.conf"


@pytest.fixture
def remote_product(configured: Product) -> Iterator[Product]:
    """The same without remotes and jobs."""
    conf_of(configured.data).unlink(missing_ok=True)
    yield configured
    configured.clear()


@pytest.mark.parametrize("has_script", [True, False], ids=["with script", "without script"])
def test_a_remote_is_added_tested_used_and_kept(
    remote_product: Product, new_visit: NewVisit, served: int, tmp_path: Path, has_script: bool
) -> None:
    visit = new_visit(remote_product.address, java_script_enabled=has_script)
    visit.allow_status(409, 422)
    page = visit.page
    add(visit, "http:/127.0.0.1/")
    expect(page.locator("#field-url-error")).to_contain_text("starts with https://")
    expect(page.get_by_label("User")).to_have_value(USER)
    assert PASSWORD not in page.content()

    page.get_by_label("Address").fill(f"http://127.0.0.1:{served}/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Add the remote").click()
    expect(page.locator(".toast")).to_contain_text("cloud added")
    expect(page.locator("#remotes")).to_contain_text(f"{USER} at http://127.0.0.1:{served}/")
    if has_script:
        page.locator(".toast [data-close]").click()
    page.get_by_role("button", name="Test: cloud").click()
    expect(page.locator(".toast").last).to_contain_text("cloud answers")
    conf = conf_of(remote_product.data)
    conf.write_text(re.sub("pass = .*", f"pass = {obscured('wrong')}", conf.read_text()))
    page.get_by_role("button", name="Test: cloud").click()
    expect(page.get_by_role("alert")).to_contain_text("refused the user")

    job = remote_product.server.create_job(tmp_path / "served", Path("cloud:copy"), name="Cloudy", type="rclone")
    visit.go("/remotes/")
    expect(page.locator("#remotes").get_by_role("link", name="Cloudy")).to_have_attribute("href", f"/jobs/{job}")
    page.get_by_role("link", name="Delete: cloud").click()
    expect(page.get_by_role("heading", name="cloud is in use")).to_be_visible()
    assert holding(remote_product.data.parent, "[cloud]") == [conf_of(remote_product.data)]
    assert holding(remote_product.data.parent, PASSWORD) == []


def add(visit: Visit, url: str) -> None:
    """From Settings to the form, as a person goes."""
    visit.go("/settings/")
    visit.page.get_by_role("link", name="Open remotes").click()
    visit.page.get_by_role("link", name="WebDAV").click()
    for label, text in FIELDS.items():
        visit.page.get_by_label(label).fill(text)
    visit.page.get_by_label("Address").fill(url)
    visit.page.get_by_role("button", name="Add the remote").click()


@pytest.mark.parametrize(("scheme", "size"), some([("light", (1280, 900)), ("dark", PHONE)], 1))
def test_axe_finds_nothing_on_the_pages_of_remotes(
    remote_product: Product, new_visit: NewVisit, scheme: str, size: tuple[int, int]
) -> None:
    conf_of(remote_product.data).write_text(
        f"[nas]\ntype = sftp\nhost = nas.lan\nuser = anna\npass = {obscured('x')}\n[a,b]\ntype = drive\n"
        "[secret]\ntype = crypt\nremote = nas:x\npassword = y\n" + f"[{'long-' * 12}]\ntype = local\n"
    )
    visit = new_visit(remote_product.address, color_scheme=scheme, size=size, bypass_csp=True, reduced_motion="reduce")
    visit.allow_status(422)
    found = {}
    paths = ["/remotes/", "/remotes/add?kind=s3", "/remotes/add?kind=crypt", "/remotes/add?kind=drive"]
    for path in (*paths, "/remotes/nas/edit", "/remotes/nas/delete", "/remotes/secret/delete"):
        visit.go(path)
        found[path] = problems(visit.page, size)
    visit.go("/remotes/add?kind=sftp")
    visit.page.get_by_role("button", name="Add the remote").click()
    expect(visit.page.locator("#form-errors")).to_be_visible()
    found["422"] = problems(visit.page, size)
    assert {path: seen for path, seen in found.items() if seen} == {}


def problems(page: Page, size: tuple[int, int]) -> list[object]:
    seen = found_by_axe(page)
    if size != PHONE:
        return seen
    seen += too_small(page)
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    seen += too_wide(page, NARROW)
    page.set_viewport_size({"width": size[0], "height": size[1]})
    return seen


def test_a_job_runs_on_a_remote_of_an_encrypted_file(
    remote_product: Product, new_visit: NewVisit, tmp_path: Path
) -> None:
    conf_of(remote_product.data).write_text("[here]\ntype = local\n")
    encrypt(conf_of(remote_product.data), PASSWORD)
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "file").write_bytes(b"whole")
    draft = {"name": "Cloudy", "type": "rclone", "source": str(tmp_path / "source"), "dest": f"here:{tmp_path}/copy"}
    refused = remote_product.server.api("POST", "/jobs", json=draft).json()["error"]
    assert "is encrypted" in refused["fields"]["dest"]

    visit = new_visit(remote_product.address)
    visit.go("/remotes/")
    visit.page.get_by_label("Password of rclone.conf").fill(PASSWORD)
    visit.page.get_by_role("button", name="Open rclone.conf").click()
    expect(visit.page.locator("#remotes")).to_contain_text("here")
    assert PASSWORD not in visit.page.content()
    job_id = remote_product.server.create_job(tmp_path / "source", Path(draft["dest"]), type="rclone")
    done = remote_product.server.ended(remote_product.server.start(job_id))
    assert done["state"] in {"done", "done_with_warnings"}, done["reason"]
    assert (tmp_path / "copy" / "file").read_bytes() == b"whole"
    assert [file.name for file in holding(remote_product.data, PASSWORD)] == ["secrets.yaml"]


def holding(place: Path, secret: str) -> list[Path]:
    return [file for file in place.rglob("*") if file.is_file() and secret.encode() in file.read_bytes()]
