"""Several threads that begin at the same moment and take turns very often; what they found is not judged here."""

import sys
import threading
import time
from collections.abc import Callable

_TURN = 5e-6  # seconds, a thousandth of the usual


def at_once(*tasks: Callable[[], object]) -> None:
    """Each in a thread of its own; what one raises is raised here, an AssertionError if one does not end."""
    raised: list[BaseException] = []
    start = threading.Barrier(len(tasks))

    def do(task: Callable[[], object]) -> None:
        try:
            start.wait(10)
            task()
        except BaseException as error:  # noqa: BLE001  raised again below
            raised.append(error)

    threads = [threading.Thread(target=do, args=(task,), daemon=True) for task in tasks]
    usual = sys.getswitchinterval()
    sys.setswitchinterval(_TURN)
    try:
        for thread in threads:
            thread.start()
        until = time.monotonic() + 60
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
    finally:
        sys.setswitchinterval(usual)
    for error in raised:
        raise error
    assert not any(thread.is_alive() for thread in threads), "they wait for each other"
