"""What gunicorn's threads read of the next request while they finished the last one; not how a request is parsed."""

import sys
from typing import Any


def answer_what_was_read_ahead() -> None:
    """Have gunicorn's threads answer a request that they hold already. Does nothing in other workers.

    After an answer they read what is left of its request's body (one that was refused unread), and
    may get the next request with it. Then they wait for the socket, which has nothing more to say:
    the client heard nothing for `keepalive` seconds and was cut off. gunicorn 27 asks the buffer
    too, but has no eventlet worker any more.
    """
    module = sys.modules.get("gunicorn.workers.gthread")
    if module is None:
        return
    once = module.ThreadWorker.handle

    def handle(worker: Any, connection: Any) -> Any:
        goes_on = once(worker, connection)
        while goes_on is True and connection.parser.unreader.buf.getvalue():
            goes_on = once(worker, connection)
        return goes_on

    module.ThreadWorker.handle = handle
