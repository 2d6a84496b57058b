"""Tells the service manager how the server stands, by the protocol of sd_notify(3); without a manager it does nothing.

gunicorn would say READY before the app is loaded. Here its master says it once a worker answers: the master, as
only the main process of a service is listened to (`NotifyAccess=main`), and told by a signal, as it forks.
"""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from types import FrameType
from typing import Any

ANSWERS = signal.SIGURG  # what a worker sends its master; by default it is ignored
_STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)
READY = "READY=1\nSTATUS=Serving."
STOPPING = "STOPPING=1\nSTATUS=Stopping. Running backups go on."


class ServiceManager:
    """Who started this server as a service, if anybody did."""

    def __init__(self, environ: MutableMapping[str, str]) -> None:
        """Takes the socket's address out of the environment: no other process of ours has a use for it."""
        self._address = environ.pop("NOTIFY_SOCKET", "")
        self._master = 0

    def attend(self) -> None:
        """To be called in gunicorn's master once its own signal handlers stand: tell of all that follows."""
        if not self._address:
            return
        self._master = os.getpid()
        self._before(ANSWERS, lambda: READY)
        self._before(signal.SIGHUP, lambda: f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")
        for number in _STOPS:
            self._before(number, lambda: STOPPING)

    def _before(self, number: signal.Signals, message: Callable[[], str]) -> None:
        known = signal.getsignal(number)

        def handle(number: int, frame: FrameType | None) -> None:
            if os.getpid() == self._master:  # a worker has these handlers until it has set its own
                self.tell(message())
            if callable(known):
                known(number, frame)

        signal.signal(number, handle)

    def tell(self, message: str) -> None:
        """A manager that does not listen is no reason to stop."""
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        plain = _unpatched_socket()
        with suppress(OSError), plain.socket(plain.AF_UNIX, plain.SOCK_DGRAM) as connection:
            connection.connect(address)
            connection.send(message.encode())


def _unpatched_socket() -> Any:
    """The real module: a signal may come while eventlet's loop has the turn, and that must not be waited in."""
    patcher = sys.modules.get("eventlet.patcher")
    return patcher.original("socket") if patcher else socket
