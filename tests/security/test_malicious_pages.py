"""A malicious page in the owner's browser: what it can send to a real server, and that nothing comes of it."""

from pathlib import Path

import pytest
import requests

from tests.servers import Browser, Server

pytestmark = pytest.mark.both_modes
FIELDS = {"name": "Stolen", "type": "rsync", "source": "/etc/", "dest": "/tmp/stolen"}


@pytest.fixture
def server(shared_server: Server) -> Server:
    return shared_server


def jobs(server: Server) -> list[str]:
    return [job["name"] for job in server.api("GET", "/jobs").json()["data"]]


def test_a_rebound_name_reaches_nothing(server: Server) -> None:
    """DNS rebinding: the browser believes that evil.example is this server, so everything is same-origin to it."""
    port = server.address.rpartition(":")[2]
    rebound = {"Host": f"evil.example:{port}", "Origin": f"http://evil.example:{port}", "Sec-Fetch-Site": "same-origin"}
    paths = ["/", "/jobs/", "/logs/", "/api/v1/jobs", "/healthz", "/static/css/output.css", "/socket.io/?EIO=4"]
    for path in paths:
        answer = requests.get(f"{server.address}{path}", headers=rebound, timeout=5)
        assert answer.status_code == 400, path
        assert "csrf" not in answer.text
    assert requests.post(f"{server.address}/api/v1/jobs", json=FIELDS, headers=rebound, timeout=5).status_code == 400
    assert jobs(server) == []


def test_a_forwarded_host_does_not_make_a_name_ours(server: Server) -> None:
    spoofed = {"X-Forwarded-Host": "evil.example", "Origin": "http://evil.example"}
    for path in ("/jobs/create", "/api/v1/jobs"):
        assert requests.post(f"{server.address}{path}", data=FIELDS, headers=spoofed, timeout=5).status_code == 401
    assert jobs(server) == []


def test_a_form_of_another_site_is_refused_although_the_cookie_comes_along(server: Server) -> None:
    browser = Browser(server, requests.Session())
    browser.open("/jobs/create")
    with browser.session as session:
        for told in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
            for fields in (FIELDS, {**FIELDS, "csrf_token": browser.token}):
                for path in ("/jobs/create", "/api/v1/jobs", "/settings/reset"):
                    answer = session.post(f"{server.address}{path}", data=fields, headers=told, timeout=5)
                    assert answer.status_code == 403, (path, told)
    assert jobs(server) == []


def test_a_page_on_another_port_is_another_site(server: Server) -> None:
    """Cookies ignore ports, so whatever else runs on this machine sends ours along."""
    neighbour = {"Origin": "http://127.0.0.1:3000", "Sec-Fetch-Site": "same-site"}
    browser = Browser(server, requests.Session())
    browser.open("/jobs/create")
    with browser.session as session:
        fields = {**FIELDS, "csrf_token": browser.token}
        assert (
            session.post(f"{server.address}/jobs/create", data=fields, headers=neighbour, timeout=5).status_code == 403
        )
    assert jobs(server) == []


def test_our_own_form_is_taken(server: Server, tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    browser = Browser(server, requests.Session())
    browser.open("/jobs/create")
    with browser.session:
        fields = {**FIELDS, "source": f"{tmp_path}/source/", "dest": f"{tmp_path}/dest"}
        assert browser.post("/jobs/create", **fields).status_code == 303
    (job,) = server.api("GET", "/jobs").json()["data"]
    assert job["name"] == "Stolen"
    server.api("DELETE", f"/jobs/{job['id']}")


def test_a_cookie_of_ours_is_kept_from_scripts_and_other_sites(server: Server) -> None:
    cookie = requests.get(f"{server.address}/jobs/", timeout=5).headers["Set-Cookie"]
    assert cookie.startswith("backup_manager=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
