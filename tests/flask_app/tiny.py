"""A WSGI app as small as possible, to try how gunicorn is set up without the product behind it."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator

from flask_app.listen import refuse_second_worker, running_mode

Answer = Callable[[str, list[tuple[str, str]]], object]

_LIST_SOCKETS = "import os; print([os.readlink(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd')[:-1]])"


def create_app() -> Callable[[dict[str, str], Answer], Iterable[bytes]]:
    refuse_second_worker()
    return _app


def _app(environ: dict[str, str], start: Answer) -> Iterable[bytes]:
    start("200 OK", [("Content-Type", "text/plain")])
    if environ["PATH_INFO"] == "/endless":
        return _endless()
    return [_descriptors_of_a_child() if environ["PATH_INFO"] == "/child" else running_mode().encode()]


def _endless() -> Iterator[bytes]:
    while True:
        yield b"more\n"
        time.sleep(0.2)


def _descriptors_of_a_child() -> bytes:
    with subprocess.Popen([sys.executable, "-c", _LIST_SOCKETS], stdout=subprocess.PIPE, close_fds=False) as child:
        return child.communicate()[0]
