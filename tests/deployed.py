"""What stands in deploy/, made to fit this machine: other ports, other paths, an own certificate. Judges nothing."""

import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.flask_app.test_gunicorn_conf import free_port
from tests.servers import DEADLINE, ROOT, until

DEPLOY = ROOT / "deploy"
NAME = "backup.example.org"
_AROUND = """
pid {folder}/pid; error_log {folder}/errors; daemon off; worker_processes 1; events {{}}
http {{
  access_log {folder}/access; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  {site}
}}
"""


def replaced(text: str, changes: dict[str, str]) -> str:
    """Every change is made, and none is missed in silence."""
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


class _Nginx:
    """An nginx with these sites, while it is entered."""

    def __init__(self, folder: Path, sites: str) -> None:
        self._config = folder / "nginx.conf"
        self._config.write_text(_AROUND.format(folder=folder, site=sites))
        self._pid = folder / "pid"
        self.accesses = folder / "access"  # a line for every request that is over

    @property
    def command(self) -> list[str]:
        program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/sbin")
        assert program
        return [program, "-e", str(self._config.with_name("errors")), "-c", str(self._config)]

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(self.command, stderr=subprocess.DEVNULL)
        until(self._pid.exists)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait(DEADLINE)


class Site(_Nginx):
    """deploy/nginx.conf before a server of ours. `port` is the one with TLS, `plain` without.

    `changes` are made to it besides, as somebody might who adapts it.
    """

    def __init__(self, folder: Path, server_port: int, changes: dict[str, str] | None = None) -> None:
        folder.mkdir()
        self.port, self.plain = free_port(), free_port()
        self.address = f"https://localhost:{self.port}"
        self.certificate, key = folder / "certificate.pem", folder / "key.pem"
        _make_certificate(self.certificate, key)
        fitting = {
            "127.0.0.1:5001": f"127.0.0.1:{server_port}",
            "  listen 80;": f"  listen 127.0.0.1:{self.plain};",
            "  listen [::]:80;\n": "",
            "  listen 443 ssl;": f"  listen 127.0.0.1:{self.port} ssl;",
            "  listen [::]:443 ssl;\n": "",
            "/etc/ssl/certs/backup-manager.pem": str(self.certificate),
            "/etc/ssl/private/backup-manager.key": str(key),
        }
        super().__init__(folder, replaced((DEPLOY / "nginx.conf").read_text(), fitting | (changes or {})))


class CarelessSite(_Nginx):
    """As little as an nginx needs to pass requests on: no TLS, no headers, HTTP/1.0."""

    def __init__(self, folder: Path, server_port: int) -> None:
        folder.mkdir()
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        passes = f"location / {{ proxy_pass http://127.0.0.1:{server_port}; proxy_http_version 1.0; }}"
        super().__init__(folder, f"server {{ listen 127.0.0.1:{port}; {passes} }}")


def _make_certificate(certificate: Path, key: Path) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME},DNS:localhost,IP:127.0.0.1",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
