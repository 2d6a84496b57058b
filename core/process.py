"""The one place that starts programs; it decides how they are started and ended, never which."""

import ctypes
import os
import re
import resource
import signal
import subprocess  # nosec B404 # the one module that starts programs
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
# Everything else is scrubbed: RSYNC_* and RCLONE_* change what the tools do, LD_* and PYTHON* who they are.
_KEPT = ("PATH", "HOME", "USER", "LOGNAME", "TZ", "TMPDIR", "SSH_AUTH_SOCK", "XDG_RUNTIME_DIR")
_SECRET = re.compile("SECRET|PASS|TOKEN|CREDENTIAL", re.IGNORECASE)
_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_IOPRIO_SET = {"x86_64": 251, "aarch64": 30, "armv7l": 314, "riscv64": 30}
_BEST_EFFORT_LOWEST = (2 << 13) | 7


class Captured(NamedTuple):
    """What a short program did. `exit_code` is negative for a signal.

    `output` has both streams, unless they were asked for `apart`: then what went to the second is in `errors`.
    `is_cut`: it said more than was asked for, and was ended for that.
    """

    exit_code: int
    output: bytes
    timed_out: bool = False
    errors: bytes = b""
    is_cut: bool = False


def scrubbed(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment for a tool: the few variables it needs, then `extra`."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {"PATH": _DEFAULT_PATH, **kept, **(extra or {})}


def capture(
    argv: Sequence[str],
    environment: Mapping[str, str] | None = None,
    timeout: float = 10.0,
    given: bytes = b"",
    apart: bool = False,
    most: int | None = None,
) -> Captured:
    """Run a short program to its end, or end its group after `timeout` seconds or `most` bytes of a stream.

    Waits by polling, because under eventlet `subprocess` time-outs cannot be caught. OSError where
    the program cannot be started.
    """
    import tempfile  # here, because the supervisor has no use for it

    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as typed, tempfile.TemporaryFile() as errors:
        typed.write(given)
        typed.seek(0)
        child = subprocess.Popen(  # nosec B603 # a list of words that the engines build; no shell
            argv,
            stdin=typed,
            stdout=output,
            stderr=errors if apart else subprocess.STDOUT,
            env=scrubbed(environment),
            cwd="/",
            start_new_session=True,
        )

        def is_over() -> bool:
            return most is not None and any(os.fstat(file.fileno()).st_size > most for file in (output, errors))

        has_ended = _ends_within(child, timeout, is_over)
        if not has_ended:
            _signal_group(child.pid, signal.SIGKILL)
            _ends_within(child, 5.0)
        output.seek(0)
        errors.seek(0)
        is_cut, size = is_over(), -1 if most is None else most
        timed_out = not has_ended and not is_cut
        return Captured(child.returncode or 0, output.read(size), timed_out, errors.read(size), is_cut)


def _ends_within(child: "subprocess.Popen[bytes]", seconds: float, is_over: Callable[[], bool] = lambda: False) -> bool:
    deadline, pause = time.monotonic() + seconds, 0.002
    while child.poll() is None:
        if time.monotonic() >= deadline or is_over():
            return False
        time.sleep(pause)
        pause = min(pause * 2, 0.05)
    return True


def spawn_supervisor(run_folder: Path) -> "subprocess.Popen[bytes]":
    """Start the supervisor of the run in `run_folder`, in its own session; returns at once."""
    with open(os.open(run_folder / "supervisor.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as log:
        return subprocess.Popen(  # nosec B603 # our own module by the path of this Python
            [sys.executable, "-s", "-m", "core.supervisor", str(run_folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=ROOT,
            env=_for_the_supervisor(),
            start_new_session=True,
        )


def _for_the_supervisor() -> dict[str, str]:
    """What this process has, without what looks like a secret: the key for sessions is none of its business."""
    kept = {name: value for name, value in os.environ.items() if not _SECRET.search(name)}
    return kept if os.access(ROOT, os.W_OK) else {**kept, "PYTHONDONTWRITEBYTECODE": "1"}


def start_tool(
    argv: Sequence[str], environment: Mapping[str, str], output: IO[bytes], nice: int, umask: int
) -> "subprocess.Popen[bytes]":
    """Start a tool in its own process group, at low priority, writing to the file `output`.

    Only for the supervisor: it has one thread, so the work between fork and exec is safe.
    """
    return subprocess.Popen(  # nosec B603 # a list of words that the engines build; no shell
        argv,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=scrubbed(environment),
        cwd="/",
        process_group=0,
        umask=umask,
        preexec_fn=_lower_priority(nice),  # noqa: PLW1509  the supervisor has one thread
    )


def _lower_priority(nice: int) -> Callable[[], None]:
    number = _IOPRIO_SET.get(os.uname().machine)
    syscall = ctypes.CDLL(None, use_errno=True).syscall if number else None

    def lower() -> None:
        _quietly(lambda: os.setpriority(os.PRIO_PROCESS, 0, nice))
        _quietly(lambda: Path("/proc/self/oom_score_adj").write_text("300"))
        if syscall is not None and nice > 0:
            syscall(number, 1, 0, _BEST_EFFORT_LOWEST)

    return lower


def _quietly(step: Callable[[], object]) -> None:
    """A kernel that refuses to lower a priority is no reason not to make a backup."""
    try:
        step()
    except OSError:
        return


def raise_file_limit() -> None:
    """Allow as many open files as the hard limit does."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def reset_signals() -> None:
    """Undo what was inherited as ignored or blocked: a tool deaf to INT or TERM cannot be stopped."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        _quietly(lambda number=number: signal.signal(number, signal.SIG_DFL))  # type: ignore[misc]
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def end_groups(groups: Sequence[int], number: signal.Signals) -> None:
    """Signal process groups; one that is gone is fine."""
    for group in groups:
        _signal_group(group, number)


def _signal_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return
