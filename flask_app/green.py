"""Under green threads, what may keep the one real thread waiting is done in others; not the patching of sockets."""

import os
from typing import TYPE_CHECKING, cast

from flask_app.listen import running_mode

if TYPE_CHECKING:
    from core.container import Offload


def offload() -> "Offload":
    """How to do what a dead disk may block for ever, in the mode of this process."""
    from core.container import directly

    if running_mode() == "threading":
        return directly
    from eventlet import tpool

    return cast("Offload", tpool.execute)


def flush_in_real_threads() -> None:
    """Have `os.fsync` wait in a real thread, where this process has green ones.

    Eventlet makes waiting for peers green, but not waiting for a disk: while a backup fills the
    disk that the data folder is on, one flush takes seconds, and every page would wait for it.
    """
    if running_mode() == "threading":
        return
    from eventlet import patcher, tpool

    flush, current = os.fsync, patcher.original("threading").get_ident
    home = current()

    def fsync(descriptor: int) -> None:
        if current() == home:
            tpool.execute(flush, descriptor)
        else:
            flush(descriptor)

    os.fsync = fsync  # type: ignore[assignment]
