"""What gunicorn answers by itself carries our headers too."""

import socket
from urllib.parse import urlsplit

import pytest

from flask_app.bare_answers import dress_bare_answers
from flask_app.front_door import HEADERS
from tests.servers import DEADLINE, Server

pytestmark = pytest.mark.both_modes
NO_REQUESTS = {
    "a line that is no request": b"nonsense\r\n\r\n",
    "a line that is too long": b"GET /" + b"x" * 4500 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "too many headers": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"x: y\r\n" * 200 + b"\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "markup": b"GET <script>alert(1)</script>\r\n\r\n",
}


@pytest.mark.parametrize("sent", NO_REQUESTS.values(), ids=NO_REQUESTS.keys())
def test_what_is_no_request_is_answered_with_all_headers(shared_server: Server, sent: bytes) -> None:
    place = urlsplit(shared_server.address)
    with socket.create_connection((place.hostname, place.port), DEADLINE) as connection:
        connection.sendall(sent)
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode("latin-1")
    assert answer.startswith("HTTP/1.1 4")
    for name, value in [*HEADERS, ("Cache-Control", "no-store")]:
        assert answer.count(f"\r\n{name}: {value}\r\n") == 1, name
    assert "<script>" not in answer


def test_outside_gunicorn_there_is_nothing_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(__import__("sys").modules, "gunicorn.util", raising=False)
    dress_bare_answers(HEADERS)
