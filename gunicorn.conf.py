"""How gunicorn serves the app: one worker, from the environment; not what it serves."""

import contextlib
import errno
import importlib
import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Any

THREADING = os.environ.get("BACKUP_MANAGER_ASYNC_MODE") == "threading"
OTHER = f"BACKUP_MANAGER_ASYNC_MODE={'eventlet' if THREADING else 'threading'}"
if not THREADING:
    # The one place that patches the standard library, and first: this module does it when it is
    # imported. A plain `gunicorn --worker-class eventlet` imports the same one before the app.
    warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")  # known, and pinned until it is replaced
    importlib.import_module("gunicorn.workers.geventlet")

pythonpath = str(Path(__file__).resolve().parent)
sys.path.insert(0, pythonpath)

from flask_app.listen import (  # noqa: E402
    Address,
    CannotListen,
    async_mode,
    listen_address,
    require_free,
)
from flask_app.notify import ANSWERS, ServiceManager  # noqa: E402


def _refuse(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
    sys.exit(1)


try:
    bind = str(listen_address(os.environ))
    async_mode(os.environ)
except CannotListen as error:
    _refuse(error.message)

service_manager = ServiceManager(os.environ)
workers = 1
worker_class = "gthread" if THREADING else "eventlet"
threads = 100 if THREADING else 1
worker_connections = 4000
timeout = 120
keepalive = 15
graceful_timeout = 4
IN_MEMORY = "/dev/shm"  # noqa: S108  # nosec B108 # gunicorn makes a safe file there
worker_tmp_dir = IN_MEMORY if os.access(IN_MEMORY, os.W_OK) else None
forwarded_allow_ips = ""  # the app itself decides which proxies it trusts
control_socket_disable = True
loglevel = "warning"


def _is_news(record: logging.LogRecord) -> bool:
    """Not so: a connection that was taken just as the socket for new ones was closed to stop."""
    error = record.exc_info[1] if record.exc_info else None
    is_stopping = isinstance(error, OSError) and error.errno == errno.EBADF
    return not is_stopping and "eventlet worker is DEPRECATED" not in str(record.msg)


logging.getLogger("gunicorn.error").addFilter(_is_news)


def on_starting(server: Any) -> None:
    """Judge what is in force; options on gunicorn's command line overrule this file."""
    if server.cfg.workers > 1:
        _refuse("More than one worker is not supported: start gunicorn with --workers 1.")
    if server.cfg.worker_class_str != worker_class:
        _refuse(f"The worker class {server.cfg.worker_class_str} is not supported: use {worker_class}, or set {OTHER}.")
    try:
        for address in _addresses(server):
            if not {"GUNICORN_FD", "LISTEN_FDS"} & os.environ.keys():  # else another process has opened them for us
                require_free(address)
    except CannotListen as error:
        _refuse(error.message)


def when_ready(server: Any) -> None:
    service_manager.attend()


def post_worker_init(worker: Any) -> None:
    """Say it only now: the app is loaded, and the first request is answered at once."""
    places = " and ".join(f"http://{address}" for address in _addresses(worker)) or "its socket"
    print(f"Backup Manager is at {places} (Ctrl+C stops it; running backups go on).", flush=True)
    with contextlib.suppress(ProcessLookupError):
        os.kill(worker.ppid, ANSWERS)


def _addresses(process: Any) -> list[Address]:
    return [Address(*place[:2]) for place in process.cfg.address if isinstance(place, tuple)]


def post_fork(server: Any, worker: Any) -> None:
    # The worker gives open connections a second; the master would kill it only after graceful_timeout.
    worker.cfg.set("graceful_timeout", 1)


def worker_exit(server: Any, worker: Any) -> None:
    """Leave at once: Python would wait for every thread that holds an open WebSocket."""
    error = sys.exc_info()[1]
    if THREADING and os.getpid() == worker.pid and isinstance(error, SystemExit) and not error.code:
        logging.shutdown()
        os._exit(0)
