"""The one-time code with which the first account is made from afar: whoever sees the console is the owner."""

import hmac
import secrets
import threading
from collections.abc import Callable

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that looks like another
_GROUPS, _LENGTH = 4, 4


class SetupCode:
    """Made and told when it is first needed, and good for one account; a restart makes another."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell, self._lock = tell, threading.Lock()
        self._code = ""

    def announce(self) -> None:
        """Tell it, unless that was done."""
        with self._lock:
            if not self._code:
                letters = "".join(secrets.choice(_LETTERS) for _ in range(_GROUPS * _LENGTH))
                self._code = "-".join(letters[at : at + _LENGTH] for at in range(0, len(letters), _LENGTH))
                self._tell(self._code)

    def spend(self) -> None:
        """It has let somebody in: from now on none fits, until another is told."""
        with self._lock:
            self._code = ""

    def fits(self, typed: str) -> bool:
        """Whether that is the code that was told; spaces, hyphens and case do not matter."""
        return bool(self._code) and hmac.compare_digest(_plain(typed).encode(), _plain(self._code).encode())


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text.upper()))
