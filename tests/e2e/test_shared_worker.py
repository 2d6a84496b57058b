"""What the worker of all tabs asks of the server and passes on; here it runs in a page, before a made-up server."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.e2e.browser import NewVisit

pytestmark = pytest.mark.browser
SCRIPTS = Path(__file__).resolve().parents[2] / "flask_app/static/js"
STAGE = """
  window.asked = [];
  window.socket = { connected: false, emit: (name, { job_id, lists }) => asked.push([name, job_id, lists]) };
  window.importScripts = () => {};
  window.tabs = {};
  window.openTab = (name, jobs) => {
    const port = { heard: [], postMessage: ([event, news]) => port.heard.push(news?.job_id ?? event) };
    onconnect({ ports: [port] });
    tabs[name] = port;
    say(name, jobs);
  };
  window.say = (name, jobs) => tabs[name].onmessage({ data: jobs });
  window.openChannel = (tell) => { window.tell = tell; return socket; };
  window.connect = () => { socket.connected = true; tell("connect"); };
"""


@pytest.fixture
def stage(new_visit: NewVisit) -> Page:
    """A page in which the worker runs, with a clock of its own; `connect()` is the server's first word."""
    page = new_visit("http://127.0.0.1:9").page
    page.clock.install()
    page.evaluate(f"() => {{ {STAGE} {(SCRIPTS / 'worker.js').read_text()} }}")
    return page


def asked(page: Page) -> list[list[Any]]:
    """What was asked of the server since the last look."""
    return list(page.evaluate("asked.splice(0)"))


def heard(page: Page, tab: str) -> list[str]:
    return list(page.evaluate(f"tabs.{tab}.heard.splice(0)"))


def test_a_job_is_followed_once_for_all_tabs_and_left_with_the_last_of_them(stage: Page) -> None:
    stage.evaluate("openTab('one', ['a']); openTab('two', ['a']); connect()")
    assert asked(stage) == [["subscribe_to_job", "a", False]]
    stage.evaluate("say('one', null)")
    assert asked(stage) == []
    stage.evaluate("say('two', null)")
    assert asked(stage) == [["unsubscribe_from_job", "a", None]]


def test_a_tab_that_comes_later_gets_the_last_figures_of_its_job(stage: Page) -> None:
    stage.evaluate("openTab('one', ['a']); connect(); asked.splice(0); openTab('two', ['a'])")
    assert asked(stage) == [["subscribe_to_job", "a", False]]
    assert heard(stage, "two") == ["connect"]


def test_figures_of_all_jobs_come_while_a_tab_shows_many(stage: Page) -> None:
    stage.evaluate("openTab('one', ['a']); connect(); asked.splice(0); openTab('list', [])")
    assert asked(stage) == [["subscribe_to_job", "a", True]]
    stage.evaluate("say('list', null)")
    assert asked(stage) == [["subscribe_to_job", "a", False]]


def test_each_tab_hears_what_it_would_hear_alone(stage: Page) -> None:
    stage.evaluate("openTab('one', ['a']); openTab('other', ['b']); openTab('list', []); connect()")
    for tab in ("one", "other", "list"):
        assert heard(stage, tab) == ["connect"]
    stage.evaluate("tell('job_update', { job_id: 'a' }); tell('jobs_progress', {}); tell('log_lines', {})")
    stage.evaluate("tell('job_finished', {}); tell('disconnect')")
    assert heard(stage, "one") == ["a", "log_lines", "job_finished", "disconnect"]
    assert heard(stage, "other") == ["log_lines", "job_finished", "disconnect"]
    assert heard(stage, "list") == ["jobs_progress", "job_finished", "disconnect"]


def test_after_a_restart_of_the_server_everything_is_asked_for_again(stage: Page) -> None:
    stage.evaluate("openTab('one', ['a']); openTab('two', ['b']); connect(); asked.splice(0); tell('disconnect')")
    stage.evaluate("connect()")
    assert sorted(asked(stage)) == [["subscribe_to_job", "a", False], ["subscribe_to_job", "b", False]]


def test_a_tab_that_comes_while_the_server_is_away_is_told_so(stage: Page) -> None:
    stage.evaluate("openTab('one', []); connect(); socket.connected = false; tell('connect_error')")
    stage.evaluate("openTab('two', ['a'])")
    assert heard(stage, "two") == ["connect_error"]


def test_a_tab_that_crashed_is_left_and_one_that_was_frozen_comes_back(stage: Page) -> None:
    stage.evaluate("openTab('silent', ['a']); openTab('well', ['b']); connect(); asked.splice(0)")
    for _ in range(4):
        stage.clock.run_for(20_000)
        stage.evaluate("say('well', ['b'])")
    assert asked(stage) == [["unsubscribe_from_job", "a", None]]
    assert heard(stage, "well") == ["connect", *["ping"] * 4]
    heard(stage, "silent")
    stage.evaluate("say('silent', ['a'])")
    assert heard(stage, "silent") == ["connect"], "it catches up with what it missed"
    assert asked(stage) == [["subscribe_to_job", "a", False]]
