"""A product that can be restarted behind the nginx of deploy/, and what people with accounts do there; no judging."""

import contextlib
import os
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import requests
import socketio

from core.process_facts import all_pids, identity
from flask_app.listen import AsyncMode
from models.role import Role
from models.run import ProcessIdentity
from tests.deployed import Site
from tests.e2e.browser import Product
from tests.faults.behind_world import BEHIND, doors_of, employ
from tests.servers import DEADLINE, until

# What has to go from deploy/nginx.conf for a WebSocket's request to arrive as an ordinary one.
NO_WEBSOCKET = {
    "  proxy_set_header Upgrade $http_upgrade;\n": "",
    "  proxy_set_header Connection $backup_manager_connection;": '  proxy_set_header Connection "";',
}


@dataclass(frozen=True)
class Behind:
    """`tokens` of the three people; jobs are made on the machine itself, where nobody is asked for an account."""

    product: Product
    site: Site
    tokens: dict[Role, str]

    def jobs(self, folder: Path, count: int, size: int, limit: int) -> list[str]:
        """Jobs that copy so many bytes, at so many KiB a second."""
        made = []
        for number in range(count):
            source = folder / f"source-{number}"
            source.mkdir(parents=True)
            for part in range(20):
                (source / f"part {part}").write_bytes(os.urandom(size // 20))
            settings = {"bandwidth_limit": limit}
            copy = folder / f"copy-{number}"
            made.append(self.product.server.create_job(source, copy, name=f"Job {number}", settings=settings))
        return made

    def moving(self, run_ids: Sequence[str]) -> dict[str, int]:
        """The bytes of each run, once every one has sent some."""

        def look() -> dict[str, int]:
            found = {run_id: self.product.run(run_id) for run_id in run_ids}
            bytes_of = {run_id: int(run["progress"]["bytes_transferred"]) for run_id, run in found.items()}
            is_moving = all(run["state"] == "transferring" and bytes_of[run_id] for run_id, run in found.items())
            return bytes_of if is_moving else {}

        return until(look)

    def websockets(self) -> int:
        """How many were passed on; nginx notes one when it is over."""
        return sum("transport=websocket" in line and '" 101 ' in line for line in self._accesses())

    def polls(self) -> int:
        return sum("transport=polling" in line and '" 200 ' in line for line in self._accesses())

    def _accesses(self) -> list[str]:
        return self.site.accesses.read_text().splitlines()

    def session(self, cookie: str) -> requests.Session:
        """A client without a page, with the cookie of one."""
        session = requests.Session()
        session.trust_env, session.verify = False, str(self.site.certificate)
        session.headers["Cookie"] = cookie
        return session

    @contextlib.contextmanager
    def connected(self, cookie: str, way: str) -> Iterator[socketio.Client]:
        client = socketio.Client(reconnection=False, http_session=self.session(cookie))
        client.connect(self.site.address, headers={"Cookie": cookie}, transports=[way], wait_timeout=DEADLINE)
        connection = client.eio.ws
        yield client
        client.disconnect()
        if connection:
            connection.shutdown()

    @contextlib.contextmanager
    def streaming(self, cookie: str) -> Iterator[threading.Thread]:
        """A listener to the events, alive as long as its stream is."""
        url = f"{self.site.address}/api/v1/events"
        with self.session(cookie).get(url, stream=True, timeout=3 * DEADLINE) as answer:
            assert answer.status_code == 200, answer.text
            thread = threading.Thread(target=lambda: list(answer.iter_lines()))
            thread.start()
            yield thread
            thread.join(DEADLINE)


@contextlib.contextmanager
def behind(folder: Path, mode: AsyncMode, changes: dict[str, str] | None = None) -> Iterator[Behind]:
    folder.mkdir(parents=True, exist_ok=True)
    product = Product(folder / "data", mode, **BEHIND)
    tokens = employ(doors_of(product.data))
    product.start()
    try:
        with Site(folder / "nginx", product.port, changes) as site:
            yield Behind(product, site, tokens)
            product.clear()
    finally:
        product.stop()


def processes_of(run_id: str) -> frozenset[ProcessIdentity]:
    """The supervisor, the tool and its children: all that carry the run's id."""
    return frozenset(found for pid in all_pids() if _is_of(pid, run_id) and (found := identity(pid)))


def _is_of(pid: int, run_id: str) -> bool:
    try:
        place = Path(f"/proc/{pid}")
        return run_id.encode() in (place / "cmdline").read_bytes() + (place / "environ").read_bytes()
    except OSError:
        return False
