"""What ties a gunicorn worker to its master: it does not outlive it. Runs are tied to neither."""

import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1


def end_with_master() -> None:
    """Have the kernel end this worker when its master dies, so that the port is free for the next server.

    An eventlet worker would go on serving without a master, for ever. The signal is tied to the
    thread that forked us, and a gunicorn master forks in its only lasting one; what we start
    ourselves does not inherit it. Does nothing outside a worker.
    """
    master = os.getppid()
    if "gunicorn.workers.base" not in sys.modules or not _is_like_us(master):
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != master:
        os.kill(os.getpid(), signal.SIGKILL)


def _is_like_us(pid: int) -> bool:
    """Whether the process was started by the same command: a worker is its master's copy."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes() == Path("/proc/self/cmdline").read_bytes()
    except OSError:
        return False
