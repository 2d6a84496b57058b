"""A supervisor that kills itself before its n-th write to disk after the tool has ended: N RUN_FOLDER."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, os.getcwd())

from core import pipeline, supervisor

WRITES = ("write", "pwrite", "replace", "rename", "unlink", "fsync", "ftruncate", "open")
left = int(sys.argv[1])


def counted(call: Callable[..., Any]) -> Callable[..., Any]:
    def instead(*arguments: Any, **named: Any) -> Any:
        global left  # noqa: PLW0603
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments, **named)

    return instead


def judge(*arguments: Any) -> Any:
    """From here on writes are counted: the end is decided."""
    for name in WRITES:
        setattr(os, name, counted(getattr(os, name)))
    return decided(*arguments)


parts = vars(pipeline)
decided, parts["judge"] = parts["judge"], judge
sys.exit(supervisor.main(Path(sys.argv[2])))
