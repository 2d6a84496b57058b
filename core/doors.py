"""Builds the parts that decide who may come in, once per process; the web side asks them at every request."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.accounts import Accounts
from core.api_tokens import ApiTokens
from core.guessing import Guesses
from core.logins import Logins
from core.passwords import Passwords
from core.setup_code import SetupCode
from storage.account_store import account_file, login_file
from storage.data_folder import DataFolder
from utils.clock import Clock, SystemClock


@dataclass(frozen=True)
class Doors:
    accounts: Accounts
    logins: Logins
    tokens: ApiTokens
    guesses: Guesses
    setup: SetupCode


def build_doors(
    folder: DataFolder, offload: Callable[..., Any], tell: Callable[[str], None], clock: Clock | None = None
) -> Doors:
    """`tell` is given the one-time code of the first account when it is needed."""
    clock, book, traces = clock or SystemClock(), account_file(folder), login_file(folder)
    accounts = Accounts(book, Passwords(offload), clock)
    tokens = ApiTokens(book, traces, clock)
    return Doors(accounts, Logins(book, traces, clock), tokens, Guesses(clock), SetupCode(tell))
