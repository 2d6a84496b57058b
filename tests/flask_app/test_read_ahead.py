"""Requests that a server has read before it was done with the one before them."""

import contextlib
import re
import socket
from collections.abc import Iterator

import pytest

from tests.servers import Server

pytestmark = pytest.mark.both_modes
BODY = b"name=Stolen"
PATIENCE = 5.0  # a connection that was forgotten is cut off after 15 s


@pytest.fixture
def server(shared_server: Server) -> Server:
    return shared_server


@pytest.fixture
def connection(server: Server) -> Iterator[socket.socket]:
    host, _, port = server.address.removeprefix("http://").partition(":")
    with contextlib.closing(socket.create_connection((host, int(port)), PATIENCE)) as connection:
        yield connection


def head(server: Server, request: str, *lines: str) -> bytes:
    host = f"Host: {server.address.removeprefix('http://')}"
    return "\r\n".join([f"{request} HTTP/1.1", host, *lines, "", ""]).encode()


def foreign_head(server: Server) -> bytes:
    """Of a form of another site, which is refused without a look at its body."""
    kind = "Content-Type: application/x-www-form-urlencoded"
    return head(server, "POST /jobs/create", "Origin: http://evil.example", kind, f"Content-Length: {len(BODY)}")


def statuses(connection: socket.socket, count: int) -> list[bytes]:
    """Of the next answers."""
    received = b""
    while len(found := re.findall(rb"HTTP/1\.1 (\d+)", received)) < count:
        more = connection.recv(65536)
        assert more, "the server has closed the connection"
        received += more
    return found


def test_a_request_that_comes_with_the_rest_of_a_refused_one_is_answered(
    server: Server, connection: socket.socket
) -> None:
    connection.sendall(foreign_head(server))
    assert statuses(connection, 1) == [b"403"]
    connection.sendall(BODY + foreign_head(server) + BODY)
    assert statuses(connection, 1) == [b"403"]


def test_requests_sent_at_once_are_all_answered(server: Server, connection: socket.socket) -> None:
    connection.sendall(3 * head(server, "GET /healthz"))
    assert statuses(connection, 3) == [b"200"] * 3


def test_a_connection_on_which_requests_came_at_once_waits_for_the_next(
    server: Server, connection: socket.socket
) -> None:
    for _ in range(2):
        connection.sendall(2 * head(server, "GET /healthz"))
        assert statuses(connection, 2) == [b"200"] * 2
