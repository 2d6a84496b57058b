"""Live connections end with the login, token or account that opened them, and with nobody else's."""

from collections.abc import Callable

import pytest
import requests
import socketio

from core.container import directly
from core.doors import Doors, build_doors
from flask_app.connections import Connections
from flask_app.identity import Identity
from models.errors import StoreBroken
from models.role import Role
from storage.data_folder import DataFolder
from tests.servers import DEADLINE, Server, until

ANNA, BERT = Identity(Role.VIEWER, "anna", "session", "1"), Identity(Role.VIEWER, "bert", "token", "2", "home")


class Judge:
    """Who stands, and who was asked about."""

    def __init__(self) -> None:
        self.standing, self.asked = {ANNA, BERT}, list[Identity]()
        self.is_broken = False

    def still(self, identity: Identity) -> Identity | None:
        self.asked.append(identity)
        if self.is_broken:
            raise StoreBroken("accounts.json cannot be read")
        return identity if identity in self.standing else None


def opened(doors: Judge) -> tuple[Connections, list[str]]:
    connections, ended = Connections(doors.still), list[str]()

    def end(key: str) -> Callable[[], None]:
        return lambda: ended.append(key)

    for key, identity in (("a1", ANNA), ("a2", ANNA), ("b", BERT)):
        connections.opened(key, identity, end(key))
    return connections, ended


def test_what_is_over_ends_once_and_the_rest_goes_on() -> None:
    doors = Judge()
    connections, ended = opened(doors)
    connections.end_what_is_over()
    assert ended == []
    doors.standing.discard(ANNA)
    connections.end_what_is_over()
    connections.end_what_is_over()
    assert sorted(ended) == ["a1", "a2"]
    assert connections.identity("a1") is None
    assert connections.identity("b") is BERT


def test_each_is_asked_about_once_however_many_tabs_are_open() -> None:
    doors = Judge()
    opened(doors)[0].end_what_is_over()
    assert sorted(doors.asked, key=lambda one: one.name) == [ANNA, BERT]


def test_what_was_closed_is_not_ended() -> None:
    doors = Judge()
    connections, ended = opened(doors)
    doors.standing.clear()
    for key in ("a1", "b", "never there"):
        connections.closed(key)
    connections.end_what_is_over()
    assert ended == ["a2"]


def test_who_cannot_be_judged_is_a_stranger() -> None:
    doors = Judge()
    connections, ended = opened(doors)
    doors.is_broken = True
    connections.end_what_is_over()
    assert sorted(ended) == ["a1", "a2", "b"]


# With a real server


def with_token(server: Server) -> tuple[Doors, str, dict[str, str]]:
    """Somebody whose token was made elsewhere, as by the command line; the token's id and its header."""
    doors = build_doors(DataFolder(server.data), directly, lambda code: None)
    doors.accounts.create("root", Role.ADMINISTRATOR, None)
    doors.accounts.create("anna", Role.VIEWER, None)
    secret, token = doors.tokens.create("anna", "home", Role.VIEWER, None)
    return doors, token.id, {"Authorization": f"Bearer {secret}"}


@pytest.mark.both_modes
def test_open_connections_end_with_their_token_and_those_of_others_go_on(server: Server) -> None:
    doors, token_id, header = with_token(server)
    events = f"{server.address}/api/v1/events"
    with (
        server.connected(headers=header) as live, server.connected() as other,
        requests.get(events, headers=header, stream=True, timeout=2 * DEADLINE) as stream,
    ):  # fmt: skip
        assert stream.status_code == 200
        live.wait_for("connection_response")
        doors.tokens.revoke(token_id)
        until(lambda: not live.client.connected)
        assert b"retry" in stream.raw.read(), "it was open, and is read to its end"
        assert other.client.connected
    assert requests.get(events, headers=header, timeout=DEADLINE).status_code == 401
    with pytest.raises(socketio.exceptions.ConnectionError), server.connected(headers=header):
        pass
