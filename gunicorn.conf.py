"""How gunicorn serves the app: one worker, from the environment; not what it serves."""

import importlib
import logging
import os
import sys
from pathlib import Path
from typing import Any

THREADING = os.environ.get("BACKUP_MANAGER_ASYNC_MODE") == "threading"
if not THREADING:
    # The one place that patches the standard library, and first: this module does it when it is
    # imported. A plain `gunicorn --worker-class eventlet` imports the same one before the app.
    importlib.import_module("gunicorn.workers.geventlet")

pythonpath = str(Path(__file__).resolve().parent)
sys.path.insert(0, pythonpath)

from flask_app.listen import CannotListen, async_mode, listen_address, require_free  # noqa: E402


def _refuse(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
    sys.exit(1)


try:
    address = listen_address(os.environ)
    async_mode(os.environ)
except CannotListen as error:
    _refuse(error.message)

bind = str(address)
workers = 1
worker_class = "gthread" if THREADING else "eventlet"
threads = 100 if THREADING else 1
worker_connections = 4000
timeout = 120
keepalive = 15
graceful_timeout = 4
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - gunicorn makes a safe file there
forwarded_allow_ips = ""  # the app itself decides which proxies it trusts
control_socket_disable = True
loglevel = "warning"


def _is_news(record: logging.LogRecord) -> bool:
    return "eventlet worker is DEPRECATED" not in str(record.msg)


logging.getLogger("gunicorn.error").addFilter(_is_news)


def on_starting(server: Any) -> None:
    if server.cfg.workers > 1:
        _refuse("More than one worker is not supported: start gunicorn with --workers 1.")
    if "GUNICORN_FD" in os.environ or "LISTEN_FDS" in os.environ:
        return  # the sockets come from the process that started this one
    try:
        require_free(listen_address(os.environ))
    except CannotListen as error:
        _refuse(error.message)


def when_ready(server: Any) -> None:
    print(f"Backup Manager is at http://{address} (Ctrl+C stops it; running backups go on).", flush=True)


def post_fork(server: Any, worker: Any) -> None:
    # The worker gives open connections a second; the master would kill it only after graceful_timeout.
    worker.cfg.set("graceful_timeout", 1)


def worker_exit(server: Any, worker: Any) -> None:
    """Leave at once: Python would wait for every thread that holds an open WebSocket."""
    error = sys.exc_info()[1]
    if THREADING and os.getpid() == worker.pid and isinstance(error, SystemExit) and not error.code:
        logging.shutdown()
        os._exit(0)
