"""The parts that decide who may come in, on a folder of their own, with a clock that stands and quick hashes."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core.accounts import Accounts
from core.api_tokens import ApiTokens
from core.doors import Doors
from core.guessing import Guesses
from core.logins import Logins, Visitor
from core.passwords import Passwords
from core.setup_code import SetupCode
from storage.account_store import account_file, login_file
from tests import build
from utils.clock import SystemClock

PASSWORD, OTHER = "correct horse battery", "staple correct horse"
VISITOR = Visitor("192.0.2.7", "Firefox")


class MovedClock(SystemClock):
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.moment, self.seconds = datetime(2026, 11, 21, 7, 2, 4, tzinfo=UTC), 1000.0

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.seconds

    def pass_by(self, time: timedelta) -> None:
        self.moment += time
        self.seconds += time.total_seconds()


def quick(_work: Callable[..., Any], password: bytes, salt: bytes) -> bytes:
    """In the place of the slow hash, where it does not matter how slow it is."""
    return hashlib.sha256(salt + password).digest()


def quick_doors(tmp_path: Path, clock: SystemClock | None = None) -> Doors:
    folder, clock = build.data_folder(tmp_path), clock or MovedClock()
    book, traces = account_file(folder), login_file(folder)
    accounts = Accounts(book, Passwords(quick), clock)
    tokens, logins = ApiTokens(book, traces, clock), Logins(book, traces, clock)
    return Doors(accounts, logins, tokens, Guesses(clock), SetupCode(lambda code: None))
