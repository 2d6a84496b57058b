"""The files for administrators: checked by the programs that read them, and live where this machine can."""

import http.server
import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest
import requests
import socketio
import yaml

from flask_app.listen import AsyncMode
from tests.deployed import DEPLOY, NAME, Site, replaced
from tests.servers import DEADLINE, ROOT, Server, serving
from tests.test_house import PACKAGES

BEHIND = {
    "BACKUP_MANAGER_AUTH": "off",
    "BACKUP_MANAGER_TRUSTED_PROXIES": "1",
    "BACKUP_MANAGER_ALLOWED_HOSTS": NAME,
}
TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')


# nginx


def session_for(site: Site) -> requests.Session:
    """It trusts the site's certificate; one that the environment names would go first."""
    session = requests.Session()
    session.trust_env, session.verify = False, str(site.certificate)
    return session


class Visitor:
    """A browser's side of the site, by its address on this machine."""

    def __init__(self, site: Site) -> None:
        self.origin = f"https://localhost:{site.port}"
        self.session = session_for(site)

    def get(self, path: str, headers: dict[str, str] | None = None) -> requests.Response:
        return self.session.get(f"{self.origin}{path}", headers=headers, timeout=DEADLINE)


@pytest.fixture
def behind(tmp_path: Path, server_mode: AsyncMode) -> Iterator[tuple[Server, Site]]:
    """A server, and nginx before it as docs/install.md sets it up."""
    with (
        serving(tmp_path / "data", server_mode, **BEHIND) as server,
        Site(tmp_path / "nginx", server.port) as site,
    ):
        yield server, site


def test_nginx_takes_the_site(tmp_path: Path) -> None:
    checked = subprocess.run(
        [*Site(tmp_path / "nginx", 5001).command, "-t"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr
    assert "[warn]" not in checked.stderr


@pytest.mark.both_modes
def test_pages_changes_and_cookies_work_behind_the_site(behind: tuple[Server, Site], tmp_path: Path) -> None:
    server, site = behind
    visitor = Visitor(site)
    page = visitor.get("/jobs/create")
    assert page.status_code == 200
    found = TOKEN.search(page.text)
    assert found
    draft = {"name": "x", "type": "rsync", "source": f"{tmp_path}/", "dest": "/srv/copies-of-a-test"}
    headers = {"Origin": visitor.origin, "X-CSRFToken": found[1]}
    made = visitor.session.post(f"{visitor.origin}/api/v1/jobs", json=draft, headers=headers, timeout=DEADLINE)
    assert made.status_code == 201, made.text
    foreign = {**headers, "Origin": "https://evil.example"}
    refused = visitor.session.post(f"{visitor.origin}/api/v1/jobs", json=draft, headers=foreign, timeout=DEADLINE)
    assert refused.status_code == 403
    assert [cookie.secure for cookie in visitor.session.cookies if cookie.name == "backup_manager"] == [True]
    assert len(server.api("GET", "/jobs").json()["data"]) == 1


@pytest.mark.both_modes
@pytest.mark.parametrize("way", ["websocket", "polling"])
def test_the_live_connection_passes_the_site(behind: tuple[Server, Site], way: str) -> None:
    _, site = behind
    client = socketio.Client(reconnection=False, http_session=session_for(site))
    client.connect(f"https://localhost:{site.port}", transports=[way], wait_timeout=DEADLINE)
    connection = client.eio.ws
    assert client.transport() == way
    client.disconnect()
    if connection:
        connection.shutdown()


def test_what_a_visitor_says_of_itself_is_replaced(behind: tuple[Server, Site]) -> None:
    _, site = behind
    chosen = {"X-Request-ID": "chosen-by-the-visitor", "X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example"}
    answer = Visitor(site).get("/", headers=chosen)
    assert answer.status_code == 200
    assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])


def test_bodies_and_names_are_limited_and_plain_http_leads_to_tls(behind: tuple[Server, Site]) -> None:
    _, site = behind
    visitor = Visitor(site)
    large = visitor.session.post(f"{visitor.origin}/api/v1/jobs", data=b"x" * 3_000_000, timeout=DEADLINE)
    assert large.status_code == 413
    assert visitor.get("/", headers={"Host": "evil.example"}).status_code == 400
    plain = requests.get(f"http://127.0.0.1:{site.plain}/jobs/?page=2", allow_redirects=False, timeout=DEADLINE)
    assert (plain.status_code, plain.headers["Location"]) == (301, f"https://{NAME}/jobs/?page=2")


class Upstream(http.server.BaseHTTPRequestHandler):
    """Sends one event, and the next only when the first has arrived."""

    has_arrived: ClassVar[threading.Event] = threading.Event()

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        self.wfile.write(b"data: first\n\n")
        self.wfile.flush()
        arrived = self.has_arrived.wait(DEADLINE)
        self.wfile.write(b"data: second\n\n" if arrived else b"data: too late\n\n")

    def log_message(self, *_: object) -> None:
        """Nothing to say."""


@contextmanager
def upstream() -> Iterator[int]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join(DEADLINE)


def test_an_event_of_the_stream_is_passed_on_before_the_next_one_is_made(tmp_path: Path) -> None:
    Upstream.has_arrived.clear()
    with upstream() as port, Site(tmp_path / "nginx", port) as site:
        address = f"https://localhost:{site.port}/api/v1/events"
        with requests.get(address, stream=True, verify=str(site.certificate), timeout=DEADLINE) as answer:
            lines = (line for line in answer.iter_lines(chunk_size=1) if line)
            assert next(lines) == b"data: first"
            Upstream.has_arrived.set()
            assert next(lines) == b"data: second"


# systemd


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="this machine has no systemd-analyze")
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    """On this machine the program and the user have other names."""
    unit = tmp_path / "backup-manager.service"
    text = (DEPLOY / "backup-manager.service").read_text()
    changes = {
        "/opt/backup-manager/.venv/bin/python": sys.executable,
        "/opt/backup-manager": str(ROOT),
        "User=backup-manager": "User=root",
    }
    unit.write_text(replaced(text, changes))
    command = ["systemd-analyze", "verify", "--man=no", str(unit)]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    complaints = [line for line in checked.stderr.splitlines() if unit.name in line or str(unit) in line]
    assert (checked.returncode, complaints) == (0, []), checked.stderr


def test_the_unit_keeps_backups_alive_and_leaves_them_the_file_system() -> None:
    lines = (DEPLOY / "backup-manager.service").read_text().splitlines()
    settings = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z]\w+=", line))
    expected = {"Type": "notify", "NotifyAccess": "main", "KillMode": "process", "OOMPolicy": "continue"}
    assert expected.items() <= settings.items()
    in_the_way = ("Protect", "Private", "ReadOnly", "Inaccessible", "RootDirectory", "RestrictSUIDSGID", "Device")
    assert [name for name in settings if name.startswith(in_the_way)] == []


# Docker


def instructions() -> list[tuple[str, str]]:
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1].strip()) for line in lines]


def test_the_image_holds_every_package_and_its_context_all_that_is_copied() -> None:
    copied = [words.split() for name, words in instructions() if name == "COPY" and not words.startswith("--from")]
    sources = {source for words in copied for source in words[:-1]}
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert {*PACKAGES, "flask_app.py", "gunicorn.conf.py"} <= sources
    allowed = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert sources <= {line[1:] for line in allowed if line.startswith("!")}


def test_the_image_runs_as_an_ordinary_user_and_names_no_registry() -> None:
    assert [words for name, words in instructions() if name == "USER"] == ["backup-manager"]
    images = [words.split()[0] for name, words in instructions() if name == "FROM"]
    assert len(images) == 2
    assert [image for image in images if "/" in image] == []


@pytest.mark.both_modes
def test_the_health_check_of_the_image_tells_a_server_that_answers_from_none(server: Server, tmp_path: Path) -> None:
    (words,) = [words for name, words in instructions() if name == "HEALTHCHECK"]
    command = json.loads(words[words.index("CMD ") + 4 :])
    assert command[0] == "python"

    def asks(port: str) -> int:
        environ = {"BACKUP_MANAGER_PORT": port}
        run = subprocess.run([sys.executable, *command[1:]], env=environ, capture_output=True, check=False)
        return run.returncode

    assert asks(server.address.rpartition(":")[2]) == 0
    assert asks("1") != 0


def test_the_compose_file_reaps_keeps_data_and_bounds_its_logs() -> None:
    (service,) = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"].values()
    assert service["init"] is True
    assert "ports" not in service, "nothing may be reached from outside before somebody asks who it is"
    assert [volume.split(":")[1] for volume in service["volumes"]] == ["/data", "/home/backup-manager"]
    assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}


# Words


def test_the_manual_names_every_variable_that_the_sources_read() -> None:
    sources = [*(ROOT / "flask_app").rglob("*.py"), ROOT / "gunicorn.conf.py"]
    read = {
        name for path in sources for name in re.findall(r"BACKUP_MANAGER_[A-Z_]+|SECRET_KEY(?=\")", path.read_text())
    }
    assert len(read) >= 8
    assert [name for name in sorted(read) if f"`{name}`" not in (ROOT / "docs/install.md").read_text()] == []


def test_the_manual_names_files_that_exist() -> None:
    named = re.findall(r"\bdeploy/[\w.-]+", (ROOT / "docs/install.md").read_text())
    assert named
    assert [name for name in named if not (ROOT / name).is_file()] == []
