"""Which browsers are logged in, for how long, and how that ends; not the check of a password."""

import hashlib
from dataclasses import dataclass, replace
from datetime import timedelta

from models.account import Account, Login, account_key
from models.errors import AppError
from storage.account_store import Book, Traces
from storage.private_file import PrivateFile
from utils.clock import Clock

REMEMBERED, UNREMEMBERED = timedelta(days=31), timedelta(hours=12)  # since it was last seen
NOTED_EVERY = timedelta(minutes=5)
AT_MOST = 50  # logins of one account; the one not seen for the longest time makes way
AGENT_MOST = 200


class LoginNotFound(AppError):
    code = "login_not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__("There is no such login. It may be over already.")


@dataclass(frozen=True)
class Visitor:
    """Who comes: the network address and what the browser says it is."""

    address: str
    agent: str


class Logins:
    """Logins by the digest of a session's id, so that the file lets nobody in."""

    def __init__(self, book: PrivateFile[Book], traces: PrivateFile[Traces], clock: Clock) -> None:
        self._book, self._traces, self._clock = book, traces, clock

    def begin(self, account: Account, session_id: str, visitor: Visitor, *, is_remembered: bool) -> Login:
        """A login that stands when this returns. The session's id must be a new one."""
        now = self._clock.now()
        login = Login(
            digest_of(session_id), account.name, account.epoch, now, now,
            visitor.address, visitor.agent[:AGENT_MOST], is_remembered,
        )  # fmt: skip
        self._traces.change(lambda traces: replace(traces, logins=self._with(traces.logins, login)))
        return login

    def of(self, session_id: str) -> tuple[Login, Account] | None:
        """The login of a session and its account; None where it is over or never was."""
        return self.standing(digest_of(session_id), is_seen=True)

    def standing(self, digest: str, *, is_seen: bool = False) -> tuple[Login, Account] | None:
        """`is_seen`: somebody uses it now, so it lasts longer."""
        login = self._traces.load().logins.get(digest)
        account = self._account(login) if login else None
        if login is None or account is None:
            return None
        if is_seen and abs(self._clock.now() - login.seen_at) > NOTED_EVERY:
            self._note(login)
        return login, account

    def of_account(self, name: str) -> list[Login]:
        """Those that stand, the one seen last first."""
        key = account_key(name)
        found = [each for each in self._traces.load().logins.values() if account_key(each.account) == key]
        return sorted(filter(self._account, found), key=lambda login: login.seen_at, reverse=True)

    def end(self, session_id: str) -> None:
        self._end(digest_of(session_id))

    def end_one(self, name: str, login_id: str) -> None:
        """The login of that account with that id; `LoginNotFound`."""
        for login in self.of_account(name):
            if login.id == login_id:
                return self._end(login.digest)
        raise LoginNotFound

    def _end(self, digest: str) -> None:
        def without(traces: Traces) -> Traces:
            return replace(traces, logins={key: one for key, one in traces.logins.items() if key != digest})

        self._traces.change(without)

    def _note(self, login: Login) -> None:
        def noted(traces: Traces) -> Traces:
            present = traces.logins.get(login.digest)
            if present is None:
                return traces
            seen = replace(present, seen_at=self._clock.now())
            return replace(traces, logins={**traces.logins, login.digest: seen})

        self._traces.note(noted)

    def _with(self, logins: dict[str, Login], new: Login) -> dict[str, Login]:
        """With the new one, without those that are over and those that are too many."""
        kept = {digest: login for digest, login in logins.items() if self._account(login)}
        own = sorted((each for each in kept.values() if each.account == new.account), key=lambda each: each.seen_at)
        for login in own[: max(0, len(own) - AT_MOST + 1)]:
            del kept[login.digest]
        return {**kept, new.digest: new}

    def _account(self, login: Login) -> Account | None:
        """Of a login that stands; None of one that is over."""
        account = self._book.load().accounts.get(account_key(login.account))
        lasts = REMEMBERED if login.is_remembered else UNREMEMBERED
        is_current = account is not None and account.epoch == login.epoch
        is_fresh = abs(self._clock.now() - login.seen_at) < lasts  # a clock may have been far ahead
        return account if is_current and is_fresh else None


def digest_of(session_id: str) -> str:
    return hashlib.sha256(session_id.encode()).hexdigest()
