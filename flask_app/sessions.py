"""Sessions: a signed id in a cookie, and a file only where there is something to keep.

The CSRF secret of a session is derived from its id, so a page that merely shows a form writes nothing.
"""

import hashlib
import hmac
import json
from datetime import timedelta
from pathlib import Path
from typing import IO, Any

from cachelib.file import FileSystemCache
from flask import Flask, Request, Response
from flask import request as current_request
from flask_session.cachelib import CacheLibSession, CacheLibSessionInterface
from itsdangerous import BadSignature, Signer

COOKIE = "backup_manager"
CSRF = "csrf_token"
LIFETIME = timedelta(days=31)
FILES_KEPT = 2000


class JsonSerializer:
    """Reads and writes session files as JSON: a file in the folder can never become code."""

    def dump(self, value: Any, stream: IO[bytes]) -> None:
        stream.write(json.dumps(value).encode())

    def load(self, stream: IO[bytes]) -> Any:
        try:
            return json.loads(stream.read())
        except ValueError:
            return None


class SessionFiles(FileSystemCache):
    """The session folder."""

    serializer = JsonSerializer()  # type: ignore[assignment]


class SessionIds:
    """Signs the ids of sessions, and reads those that this installation signed."""

    def __init__(self, secret_key: str) -> None:
        self._signer = Signer(secret_key, salt="session-id", digest_method=hashlib.sha256)

    def write(self, session_id: str) -> str:
        return self._signer.sign(session_id).decode()

    def read(self, cookie: str) -> str:
        """The id in a cookie, "" where it was not signed here."""
        try:
            return self._signer.unsign(cookie).decode()
        except (BadSignature, UnicodeError):
            return ""


class PageSession(CacheLibSession):  # type: ignore[misc]
    """A session; `issued` says that the browser already has its cookie, `saved` that a file holds it.

    `is_remembered`: the cookie stays when the browser is closed. `former`: the id until it was renewed.
    """

    issued = False
    saved = False
    is_remembered = False
    former = ""

    def __bool__(self) -> bool:
        return bool(self.keys() - {CSRF, "_permanent"})


class PageSessions(CacheLibSessionInterface):  # type: ignore[misc]
    """Opens and saves sessions; only ids signed by this installation are taken from a cookie."""

    session_class = PageSession

    def __init__(self, folder: Path, secret_key: str) -> None:
        super().__init__(None, SessionFiles(str(folder), FILES_KEPT), permanent=False)
        self._secret = secret_key.encode()
        self.ids = SessionIds(secret_key)

    def renew(self, session: PageSession, *, is_remembered: bool = False) -> str:
        """Give the session a new id, which it returns: one that was known before a login must not be logged in."""
        session.former = session.former or (session.sid if session.saved else "")
        session.sid = self._generate_sid(self.sid_length)
        session[CSRF] = self._csrf(session.sid)
        session.issued = session.saved = False
        session.is_remembered = is_remembered
        return str(session.sid)

    def open_session(self, app: Flask, request: Request) -> PageSession:  # noqa: ARG002 - Flask's signature
        sid = self.ids.read(request.cookies.get(COOKIE, ""))
        if not sid:
            return self._session(self._generate_sid(self.sid_length), {})
        saved = self._retrieve_session_data(self._get_store_id(sid))
        session = self._session(sid, saved if isinstance(saved, dict) else {})
        session.issued, session.saved = True, saved is not None
        return session

    def save_session(self, app: Flask, session: PageSession, response: Response) -> None:  # noqa: ARG002
        if session.accessed:
            response.vary.add("Cookie")
        if session.former:
            self._delete_session(self._get_store_id(session.former))
        if session and session.modified:
            self._upsert_session(LIFETIME, session, self._get_store_id(session.sid))
        elif session.modified and session.saved:
            self._delete_session(self._get_store_id(session.sid))
        if session.accessed and not session.issued:
            response.set_cookie(
                COOKIE, self.ids.write(session.sid), httponly=True, samesite="Lax", secure=current_request.is_secure,
                max_age=LIFETIME if session.is_remembered else None,
            )  # fmt: skip

    def _session(self, sid: str, saved: dict[str, Any]) -> PageSession:
        return PageSession({**saved, CSRF: self._csrf(sid)}, sid=sid)

    def _csrf(self, sid: str) -> str:
        return hmac.new(self._secret, f"csrf {sid}".encode(), hashlib.sha256).hexdigest()
