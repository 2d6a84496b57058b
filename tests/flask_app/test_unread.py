"""Live connections that nobody reads: whoever ends one does not wait for what will never be fetched."""

import json
import socket
import threading
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from flask import Flask

from flask_app.unread import cut_when_unread, end_without_waiting
from tests.servers import DEADLINE, Server

POLLING = "/socket.io/?EIO=4&transport=polling"


def test_the_kernel_is_told_to_cut() -> None:
    with socket.socket() as connection:
        cut_when_unread({"gunicorn.socket": connection})
        assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 20_000
    cut_when_unread({})


def test_a_client_that_is_ended_is_forgotten_at_once() -> None:
    closed: list[dict[str, Any]] = []
    client = SimpleNamespace(close=lambda **how: closed.append(how))
    engine: Any = SimpleNamespace(
        sockets={"one": client, "other": client}, reason=SimpleNamespace(SERVER_DISCONNECT="server")
    )
    end_without_waiting(engine)
    engine.disconnect("one")
    engine.disconnect("nobody")
    assert list(engine.sockets) == ["other"]
    engine.disconnect()
    assert engine.sockets == {}
    assert closed == [{"wait": False, "reason": "server"}] * 2


def test_the_app_ends_its_clients_so(app: Flask) -> None:
    engine = app.extensions["live"]._server.eio
    ending = threading.Thread(target=engine.disconnect, daemon=True)
    ending.start()
    ending.join(DEADLINE)
    assert not ending.is_alive()
    assert engine.disconnect.__module__ == "flask_app.unread"


@pytest.mark.both_modes
@pytest.mark.parametrize("frame", ["42" + "x" * 100_000, "9nonsense", "\ud83d\ude00".encode("utf-16", "surrogatepass")])
def test_a_frame_that_is_refused_ends_its_connection_and_holds_nobody_up(
    shared_server: Server, frame: str | bytes
) -> None:
    with requests.Session() as own:
        opened = own.get(f"{shared_server.address}{POLLING}", timeout=DEADLINE).text
        address = f"{shared_server.address}{POLLING}&sid={json.loads(opened[1:])['sid']}"
        assert own.post(address, data="40", timeout=DEADLINE).ok
        assert own.post(address, data=frame, timeout=DEADLINE).status_code in {200, 400}
        assert own.post(address, data=frame, timeout=DEADLINE).status_code in {200, 400}
