"""A proxy as it often stands before a server: an nginx that passes no WebSocket on, or nothing of the live channel."""

import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.flask_app.test_gunicorn_conf import free_port
from tests.servers import DEADLINE, until

# Without the headers Upgrade and Connection a WebSocket's request arrives as an ordinary one and is refused.
CONFIG = """
pid {folder}/pid; error_log {folder}/errors; daemon off; worker_processes 1; events {{}}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_pass {target}; proxy_http_version 1.1; proxy_buffering off; proxy_set_header Host $http_host; }}
    {more}
  }}
}}
"""
NO_LIVE_CHANNEL = "location /socket.io { return 403; }"


class Nginx:
    """Runs while it is entered; `address` is where a browser goes."""

    def __init__(self, folder: Path, target: str, more: str = "") -> None:
        folder.mkdir()
        port = free_port()
        self.address = f"http://127.0.0.1:{port}"
        self._config = folder / "nginx.conf"
        self._config.write_text(CONFIG.format(folder=folder, port=port, target=target, more=more))
        self._pid = folder / "pid"

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(["/usr/sbin/nginx", "-c", self._config], stderr=subprocess.DEVNULL)
        until(self._pid.exists)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait(DEADLINE)
