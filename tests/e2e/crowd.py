"""Many browsers' live connections through nginx, each with a login and each coming back by itself; judges nothing."""

import asyncio
import random
import secrets
import ssl
import threading
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Self

from core.logins import AT_MOST, Visitor
from flask_app.sessions import COOKIE, SessionIds
from models.role import Role
from storage.data_folder import DataFolder
from tests.bench.sockets import Client
from tests.e2e.behind import Behind
from tests.faults.behind_world import doors_of

FIRST_WAIT, LONGEST_WAIT = 0.5, 2.5  # as channel.js has them


class Heard(NamedTuple):
    at: float
    run_id: str
    bytes: int


class Crowd:
    """So many clients while it is entered, each following one of the jobs."""

    def __init__(self, scene: Behind, count: int, job_ids: Sequence[str]) -> None:
        self.cookies = cookies_for(scene, count)
        self._scene, self._job_ids = scene, job_ids
        self._tls = ssl.create_default_context(cafile=str(scene.site.certificate))
        self.last: dict[int, Heard] = {}  # what each was told last
        self._thread = threading.Thread(target=lambda: asyncio.run(self._stay()))

    def __enter__(self) -> Self:
        self._is_over = threading.Event()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._is_over.set()
        self._thread.join()

    def right(self, since: float, sent: Mapping[str, int]) -> int:
        """How many were told since then about their run, and at least so many bytes of it."""
        return sum(heard.at > since and heard.bytes >= sent[heard.run_id] for heard in list(self.last.values()))

    def latest(self) -> float:
        return max(heard.at for heard in self.last.values())

    async def _stay(self) -> None:
        clients = [asyncio.create_task(self._one(number)) for number in range(len(self.cookies))]
        while not self._is_over.is_set():
            await asyncio.sleep(0.05)
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)

    async def _one(self, number: int) -> None:
        job_id, wait = self._job_ids[number % len(self._job_ids)], FIRST_WAIT

        def hear(event: str, update: Any, heard_at: float) -> None:
            if event == "job_update" and update["job_id"] == job_id:
                self.last[number] = Heard(heard_at, update["run_id"], update["bytes_transferred"])

        while True:
            client = Client(self._scene.site.port, hear, cookie=f"{COOKIE}={self.cookies[number]}", tls=self._tls)
            try:
                await client.open()
                client.emit("subscribe_to_job", {"job_id": job_id})
                wait = FIRST_WAIT
                await client.listen()
            except (OSError, EOFError):
                pass  # it tries again
            finally:
                client.close()
            await asyncio.sleep(wait * random.uniform(0.5, 1.5))
            wait = min(2 * wait, LONGEST_WAIT)


def cookies_for(scene: Behind, count: int) -> list[str]:
    """Logins without their form, which nginx takes no hundred times a minute."""
    doors, now = doors_of(scene.product.data), time.monotonic_ns()
    ids = SessionIds(DataFolder(scene.product.data).secret_key_file.read_text().strip())
    cookies = []
    for number in range(count):
        if number % AT_MOST == 0:
            account = doors.accounts.create(f"crowd.{now}.{number}", Role.VIEWER, None)
        session_id = secrets.token_urlsafe(32)
        doors.logins.begin(account, session_id, Visitor("127.0.0.1", "a crowd"), is_remembered=False)
        cookies.append(ids.write(session_id))
    return cookies
