"""The same attacks from a real Chromium: a page of another site that tries everything a page can."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, sync_playwright

from tests.security.site import evil_site
from tests.servers import Server
from tests.whole import some

pytestmark = [pytest.mark.both_modes, pytest.mark.browser]
EVIL = """<!doctype html><title>evil</title>
<iframe name="hidden"></iframe>
<form id="form" method="post" action="ADDRESS/jobs/create" target="hidden">
  <input name="name" value="Stolen"><input name="type" value="rsync">
  <input name="source" value="SOURCE/"><input name="dest" value="SOURCE-copy">
</form>
<script>
const job = JSON.stringify({name: "Stolen", type: "rsync", source: "SOURCE/", dest: "SOURCE-copy"});
const along = {credentials: "include"}, post = {...along, method: "POST"}, blind = {...post, mode: "no-cors"};
const typed = {...post, body: job, headers: {"Content-Type": "application/json"}};
const quietly = (promise) => promise.then((answer) => answer.text()).catch((error) => "failed: " + error);
const sockets = (transport) => new Promise((done) => {
  const socket = new WebSocket("ADDRESS/socket.io/?EIO=4&transport=websocket".replace("http", "ws"));
  socket.onopen = () => done("open");
  socket.onerror = () => done("refused");
});
window.attack = async () => {
  document.getElementById("form").submit();
  return {
    simple: await quietly(fetch("ADDRESS/api/v1/jobs", {...blind, body: job})),
    json: await quietly(fetch("ADDRESS/api/v1/jobs", typed)),
    start: await quietly(fetch("ADDRESS/api/v1/jobs/JOB/start", blind)),
    read: await quietly(fetch("ADDRESS/api/v1/jobs", along)),
    poll: await quietly(fetch("ADDRESS/socket.io/?EIO=4&transport=polling", along)),
    socket: await sockets(),
  };
};
</script>"""


@pytest.fixture
def browser() -> Iterator[BrowserContext]:
    """A browser for which evil.example is this machine, as DNS rebinding makes it."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--host-resolver-rules=MAP evil.example 127.0.0.1"]
        )
        yield chromium.new_context()
        chromium.close()


@pytest.mark.parametrize("site", some(["evil.example", "127.0.0.1", "localhost"], 0))
def test_a_foreign_page_reads_nothing_and_changes_nothing(
    server: Server, browser: BrowserContext, tmp_path: Path, site: str
) -> None:
    (tmp_path / "source").mkdir()
    job_id = server.create_job(tmp_path / "source", tmp_path / "dest")
    browser.new_page().goto(f"{server.address}/jobs/")  # the owner's own page: the browser holds our cookie now
    page = EVIL.replace("ADDRESS", server.address).replace("SOURCE", f"{tmp_path}/source").replace("JOB", job_id)
    with evil_site(page) as port:
        foreign = browser.new_page()
        foreign.goto(f"http://{site}:{port}/")
        with foreign.expect_response("**/jobs/create") as submitted:
            result = foreign.evaluate("attack()")
        assert submitted.value.status == 403
        foreign.close()
    assert result["socket"] == "refused"
    assert "Photos" not in str(result)
    assert result["read"].startswith("failed")
    assert result["poll"].startswith("failed")
    (job,) = server.api("GET", "/jobs").json()["data"]
    assert (job["id"], job["state"], job["run_id"]) == (job_id, "never_run", None)


def test_a_rebound_name_shows_nothing(server: Server, browser: BrowserContext) -> None:
    port = server.address.rpartition(":")[2]
    page = browser.new_page()
    for path in ("/", "/jobs/create", "/api/v1/jobs"):
        answer = page.goto(f"http://evil.example:{port}{path}")
        assert answer
        assert answer.status == 400
        assert "csrf" not in page.content()
    made = page.evaluate("fetch('/api/v1/jobs', {method: 'POST', body: '{}'}).then((answer) => answer.status)")
    assert made == 400
