"""What a supervisor is told from outside: by signal and by request file; it decides nothing."""

import os
import select
import signal
from collections.abc import Callable
from types import FrameType

PAUSE = "pause"
CANCEL = "cancel"
SHUTDOWN = "shutdown"


class Orders:
    """The order in force, if any; shutdown goes before what was asked for by file.

    `read_request` reads the request file ("" = none). A request written before the signal handler
    stood is found all the same: the file is read at the start and once a second.
    """

    def __init__(self, read_request: Callable[[], str]) -> None:
        self._read_request = read_request
        self._order = ""
        self._told = True
        self._wake, writer = os.pipe()
        for descriptor in (self._wake, writer):
            os.set_blocking(descriptor, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        # HUP is heard and means nothing; ignored it would stay ignored in the tool.
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGCHLD, signal.SIGHUP):
            signal.signal(number, self._hear)

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        if number in (signal.SIGTERM, signal.SIGINT):
            self._order = SHUTDOWN
        elif number == signal.SIGUSR1:
            self._told = True

    def look(self) -> None:
        """Read the request file at the next question, told or not."""
        self._told = True

    @property
    def current(self) -> str:
        """ "" or PAUSE, CANCEL, SHUTDOWN."""
        if self._told:
            self._told = False
            self._order = self._order or self._read_request()
        return self._order

    def wait(self, seconds: float, *descriptors: int) -> None:
        """Sleep until a signal, a change at one of the descriptors, or `seconds` have gone by."""
        ready = [self._wake, *(number for number in descriptors if number >= 0)]
        select.select(ready, [], [], max(0.0, seconds))
        try:
            os.read(self._wake, 4096)
        except BlockingIOError:
            return
