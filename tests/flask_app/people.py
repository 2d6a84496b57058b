"""People with accounts, for tests: with a token, which costs no password, or with a browser on another machine."""

import re
from collections.abc import Mapping

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.doors import Doors
from models.role import Role
from tests.core.gatehouse import OTHER, PASSWORD, MovedClock, quick

__all__ = ["OTHER", "PASSWORD"]
AFAR = "nas.lan"
NO_HEADERS: Mapping[str, str] = {}
CSRF = re.compile(r'name="csrf-token" content="([^"]+)"')


def doors(app: Flask) -> Doors:
    found = app.extensions["doors"]
    assert isinstance(found, Doors)
    return found


def bearer(app: Flask, role: Role) -> dict[str, str]:
    """The header of somebody with that role."""
    name = f"a.{role}"
    if doors(app).accounts.find(name) is None:
        doors(app).accounts.create(name, role, None)
        secret, _ = doors(app).tokens.create(name, "test", role, None)
        app.config[f"token of {role}"] = secret
    return {"Authorization": f"Bearer {app.config[f'token of {role}']}"}


def somebody(app: Flask, role: Role) -> FlaskClient:
    """A client of somebody with that role."""
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = bearer(app, role)["Authorization"]
    return client


def quickly(app: Flask) -> Flask:
    """The app with a quick hash and waits that do not pass: for tests that log in, however slow the machine is."""
    doors(app).accounts._passwords._offload = quick
    doors(app).guesses._clock = MovedClock()
    return app


class Person:
    """Somebody with a browser on another machine, who may have an account."""

    def __init__(self, app: Flask, address: str = "192.0.2.7", scheme: str = "http") -> None:
        self.app, self.base = app, f"{scheme}://{AFAR}"
        self.client = app.test_client()
        self.client.environ_base["REMOTE_ADDR"] = address

    def get(self, path: str, **headers: str) -> TestResponse:
        sent = {"Accept": "text/html", **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.client.get(path, base_url=self.base, headers=sent)

    def post(self, path: str, _headers: Mapping[str, str] = NO_HEADERS, /, **fields: str) -> TestResponse:
        """A form, sent from a page that was open."""
        headers = {"Origin": self.base, "Accept": "text/html", **_headers}
        return self.client.post(path, base_url=self.base, data={"csrf_token": self.token(), **fields}, headers=headers)

    def token(self) -> str:
        page = self.get("/login") if self.get("/account/").status_code != 200 else self.get("/account/")
        found = CSRF.search(page.text)
        return found[1] if found else ""

    def log_in(self, name: str = "anna", password: str = PASSWORD, **more: str) -> TestResponse:
        return self.post("/login", NO_HEADERS, name=name, password=password, **more)

    def is_in(self) -> bool:
        return self.get("/account/").status_code == 200

    def cookie(self, name: str = "backup_manager") -> str:
        found = self.client.get_cookie(name, domain=AFAR)
        return found.value if found else ""
