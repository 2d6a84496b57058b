"""A stranger on the network: every route and the live connection deny, whatever stands between."""

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from flask import Flask

from flask_app.listen import AsyncMode
from tests.flask_app.test_gunicorn_conf import free_port
from tests.security.matrix import EVERYBODY, LIVE, matrix
from tests.servers import Server, serving, until

pytestmark = pytest.mark.both_modes
PROXY = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{}}
http {{ access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; location / {{
    proxy_pass {address}; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; }} }} }}
"""


REFUSED = {401, 403}  # log in; or, for a live connection, no


def paths(app: Flask) -> list[str]:
    """A path for every route of the map, generated, so that a new route is in the test."""
    guarded = {row.address for row in matrix(app) if row.level != EVERYBODY and row.address != LIVE}
    return [re.sub("<[^>]*>", "20261121T070204123Z-a1b2c3", rule) for rule in sorted(guarded)] + ["/socket.io/?EIO=4"]


def test_required_lets_nobody_in_before_there_are_accounts(app: Flask, tmp_path: Path, server_mode: AsyncMode) -> None:
    with serving(tmp_path / "closed", server_mode, BACKUP_MANAGER_AUTH="required") as server:
        for path in paths(app):
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                answer = requests.request(method, f"{server.address}{path}", timeout=5)
                assert answer.status_code in REFUSED, (method, path)
        assert requests.get(f"{server.address}/healthz", timeout=5).status_code == 200


@contextmanager
def proxy(server: Server, folder: Path) -> Iterator[str]:
    """nginx before the server, as many people run it."""
    port = free_port()
    folder.mkdir()
    text = PROXY.format(folder=folder, port=port, address=server.address)
    (folder / "nginx.conf").write_text(text)
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin")
    assert program
    process = subprocess.Popen([program, "-p", str(folder), "-e", "error.log", "-c", str(folder / "nginx.conf")])
    try:
        until(lambda: _listens(port))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_a_proxy_on_the_same_machine_does_not_make_everybody_local(app: Flask, server: Server, tmp_path: Path) -> None:
    with proxy(server, tmp_path / "nginx") as address:
        for path in paths(app):
            assert requests.get(f"{address}{path}", timeout=5).status_code in REFUSED, path
        assert requests.post(f"{address}/api/v1/jobs", json={"name": "x"}, timeout=5).status_code in REFUSED
    assert server.api("GET", "/jobs").json()["data"] == []


def test_a_server_that_others_can_reach_asks_even_its_own_machine(
    app: Flask, tmp_path: Path, server_mode: AsyncMode
) -> None:
    with serving(tmp_path / "data", server_mode, BACKUP_MANAGER_HOST="0.0.0.0") as server:
        for path in paths(app):
            assert requests.get(f"{server.address}{path}", timeout=5).status_code in REFUSED, path
