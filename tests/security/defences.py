"""Every defence by its name, and how it is taken out of a serving product; which attack it is against is elsewhere.

Nothing here is a way to switch a defence off: it is done to the code in a test's own process.
"""

import builtins
import importlib
import os
import pickle
import re
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import IO, Any

import pytest
import werkzeug.utils
import yaml
from werkzeug.middleware.proxy_fix import ProxyFix

import core.browse
import core.process
import core.ssh_keys
import engines.locations
import engines.rclone_command
import engines.rclone_locations
import engines.rsync_command
import flask_app.access
import flask_app.bodies
import flask_app.front_door
import flask_app.identity
import flask_app.security
import flask_app.sessions
import storage.job_document
import storage.jobs_reader
import storage.log_files
import utils.ids
import utils.text
from engines.base import Location
from flask_app.identity import Identity
from models.role import Role
from tests.security.site import EVIL, Site, break_supervisors

Out = Callable[[pytest.MonkeyPatch, Site], None]
NEVER = re.compile("(?!)")
ANYTHING = re.compile(r".*", re.DOTALL)


def constantly(value: object) -> Callable[..., Any]:
    return lambda *_, **__: value


def replaced(owner: object, name: str, value: object) -> Out:
    """Another value in the place of one of the product's."""
    return lambda patch, _site: patch.setattr(owner, name, value, raising=name not in dir(builtins))


def routes(name: str) -> ModuleType:
    """The module, whose name in the package is that of its blueprint."""
    return importlib.import_module(f"flask_app.routes.{name}")


def _headers(change: Callable[[list[tuple[str, str]]], list[tuple[str, str]]]) -> Out:
    return lambda patch, _site: patch.setattr(flask_app.front_door, "HEADERS", change(flask_app.front_door.HEADERS))


def _without(name: str) -> Out:
    return _headers(lambda headers: [header for header in headers if header[0] != name])


def _framed(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value.replace("; frame-ancestors 'none'", "")) for name, value in headers]


def _readable(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """What servers answer that mean well with other sites' scripts."""
    return [*headers, ("Access-Control-Allow-Origin", "http://" + EVIL), ("Access-Control-Allow-Credentials", "true")]


def _behind_a_proxy(patch: pytest.MonkeyPatch, site: Site) -> None:
    patch.setattr(site.app, "wsgi_app", ProxyFix(site.app.wsgi_app, x_for=1, x_proto=1, x_host=1))


def _any_protocol(patch: pytest.MonkeyPatch, _site: Site) -> None:
    is_open = flask_app.access.is_open
    blind = lambda environ, config: is_open({**environ, "SERVER_PROTOCOL": ""}, config)  # noqa: E731
    patch.setattr(flask_app.identity, "is_open", blind)


def _anybody_at_the_socket(patch: pytest.MonkeyPatch, site: Site) -> None:
    patch.setattr(site.app.wsgi_app, "_who", constantly(Identity(Role.ADMINISTRATOR)))


def _one_id_for_ever(patch: pytest.MonkeyPatch, _site: Site) -> None:
    """A login that keeps the session it began in."""
    patch.setattr(flask_app.sessions.PageSessions, "renew", lambda _self, session, **_: session.sid)


def _login_that_stays(patch: pytest.MonkeyPatch, site: Site) -> None:
    """A logout that tells the browser alone."""
    patch.setattr(site.app.extensions["doors"].logins, "end", constantly(None))


def _no_waits(patch: pytest.MonkeyPatch, site: Site) -> None:
    patch.setattr(site.app.extensions["doors"].guesses, "charge", constantly(None))


def _any_proxy(patch: pytest.MonkeyPatch, site: Site) -> None:
    gate = site.app.extensions["gate"]
    patch.setattr(gate, "_proxied_name", lambda environ: environ.get(gate._header, "") if gate._header else "")


def _any_method(patch: pytest.MonkeyPatch, site: Site) -> None:
    for rule in site.app.url_map.iter_rules():
        if rule.methods and "POST" in rule.methods and "GET" not in rule.methods:
            patch.setattr(rule, "methods", {*rule.methods, "GET", "HEAD"})


def _raw_templates(patch: pytest.MonkeyPatch, site: Site) -> None:
    patch.setattr(site.app.jinja_env, "autoescape", False)
    patch.setattr(site.app.jinja_env, "bytecode_cache", None)  # the tests' own; it holds the escaping ones
    _forget_templates(site)
    site.undo.append(lambda: _forget_templates(site))


def _forget_templates(site: Site) -> None:
    if site.app.jinja_env.cache is not None:
        site.app.jinja_env.cache.clear()


def _markup_in_scripts(patch: pytest.MonkeyPatch, site: Site) -> None:
    patch.setattr(site, "scripts", [(".textContent=", ".innerHTML=")])


def _raw_text(patch: pytest.MonkeyPatch, _site: Site) -> None:
    patch.setattr(utils.text, "HOSTILE", NEVER)
    break_supervisors(patch, "visible text")


def _whole_environment(patch: pytest.MonkeyPatch, _site: Site) -> None:
    patch.setattr(core.process, "scrubbed", _everything)
    break_supervisors(patch, "environment")


def _everything(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    return {**os.environ, **(extra or {})}


def _any_location(patch: pytest.MonkeyPatch, _site: Site) -> None:
    """Whatever is not understood is a folder called so; what has a colon is on the host before it."""

    def parse(text: str) -> Location:
        host, colon, path = text.rpartition(":")
        return Location(path, host, kind="ssh") if colon and not text.startswith("-") else Location(text)

    patch.setattr(engines.locations, "parse_location", parse)
    for module in ("rsync", "rsync_command", "rsync_problems"):
        patch.setattr(f"engines.{module}.parse_location", parse, raising=False)


def _any_remote(patch: pytest.MonkeyPatch, _site: Site) -> None:
    def parse(text: str) -> Location:
        name, _, path = text.rpartition(":")
        return Location(text) if text.startswith("/") else Location(path, name, "", "remote")

    patch.setattr(engines.rclone_locations, "parse_location", parse)
    for module in ("rclone", "rclone_command", "rclone_problems"):
        patch.setattr(f"engines.{module}.parse_location", parse, raising=False)


class _Pickle:
    def dump(self, value: Any, stream: IO[bytes]) -> None:
        pickle.dump(value, stream)

    def load(self, stream: IO[bytes]) -> Any:
        return pickle.load(stream)


class _NoSigner:
    """Every value is somebody's id."""

    def sign(self, value: str) -> bytes:
        return value.encode()

    def unsign(self, value: str) -> bytes:
        return value.encode()


def _any_id(patch: pytest.MonkeyPatch, _site: Site) -> None:
    patch.setattr(utils.ids, "_JOB_ID", ANYTHING)
    break_supervisors(patch, "ids")


def _followed_logs(patch: pytest.MonkeyPatch, _site: Site) -> None:
    patch.setattr(storage.log_files, "_FLAGS", os.O_RDONLY | os.O_CLOEXEC)
    patch.setattr(storage.log_files, "_status", lambda name, descriptor: os.stat(name, dir_fd=descriptor))


def _any_name_in_a_copy(patch: pytest.MonkeyPatch, _site: Site) -> None:
    for module in ("browse", "copies", "restoring"):
        patch.setattr(f"core.{module}.checked", lambda name: name)


def _tagged_yaml(text: str, *_: object, **__: object) -> Any:
    return yaml.load(text, Loader=yaml.UnsafeLoader)


def _unsigned_sessions(patch: pytest.MonkeyPatch, site: Site) -> None:
    sessions: Any = site.app.session_interface
    patch.setattr(sessions.ids, "_signer", _NoSigner())


def _no_limits(*names: str) -> Out:
    def out(patch: pytest.MonkeyPatch, site: Site) -> None:
        for name in names:
            patch.setitem(site.app.config, name, None)

    return out


def _any_frame(patch: pytest.MonkeyPatch, site: Site) -> None:
    server: Any = site.app.extensions["live"]._server
    patch.setattr(server.eio, "max_http_buffer_size", 1 << 30)


DEFENCES: dict[str, Out] = {
    "forwarding headers are noticed": replaced(flask_app.access, "_was_forwarded", constantly(False)),
    "others' addresses are noticed": replaced(flask_app.access, "_is_loopback", constantly(True)),
    "the old protocol is noticed": _any_protocol,
    "pages ask for an account": replaced(flask_app.security, "whoever_asks", constantly(Identity(Role.ADMINISTRATOR))),
    "the socket asks for an account": _anybody_at_the_socket,
    "what declares nothing is refused": replaced(
        flask_app.security, "declared_by", lambda view: getattr(view, "needs", "viewer")
    ),
    "roles are asked for": replaced(flask_app.security, "require", constantly(None)),
    "no proxy is trusted": _behind_a_proxy,
    "own host names only": replaced(flask_app.front_door.FrontDoor, "_is_own_host", constantly(True)),
    "open under loopback names only": replaced(flask_app.access, "LOOPBACK_NAMES", {"127.0.0.1", EVIL}),
    "pages compare origins": replaced(flask_app.security, "is_foreign", constantly(False)),
    "the socket compares origins": replaced(flask_app.front_door, "is_foreign", constantly(False)),
    "a change takes a token": replaced(flask_app.security.csrf, "protect", constantly(None)),
    "a change takes another method": _any_method,
    "no answer for other origins": _headers(_readable),
    "frame-ancestors": _headers(_framed),
    "Cross-Origin-Opener-Policy": _without("Cross-Origin-Opener-Policy"),
    "Content-Security-Policy": _without("Content-Security-Policy"),
    "headers on every answer": replaced(flask_app.front_door, "HEADERS", []),
    "templates escape": _raw_templates,
    "scripts write text": _markup_in_scripts,
    "control characters are written out": _raw_text,
    "locations by strict rules": _any_location,
    "paths stand behind --": replaced(
        engines.rsync_command, "sides", lambda source, dest: (source, engines.rsync_command.plain(dest))
    ),
    "remotes that are configured only": _any_remote,
    "settings of a remote are left out": replaced(storage.job_document, "without_password", str),
    "words for ssh are quoted": replaced(engines.rsync_command, "_quoted", str),
    "the environment is scrubbed": _whole_environment,
    "YAML without tags": replaced(storage.jobs_reader, "read_yaml", _tagged_yaml),
    "ids by a pattern": _any_id,
    "static files inside their folder": replaced(werkzeug.utils, "safe_join", os.path.join),
    "links among logs are not read": _followed_logs,
    "links among logs are not written": lambda patch, _site: break_supervisors(patch, "links"),
    "names of keys by a pattern": replaced(core.ssh_keys, "_NAME", ANYTHING),
    "names in a copy are checked": _any_name_in_a_copy,
    "links in a copy are not followed": replaced(os, "O_NOFOLLOW", 0),
    "sessions are JSON": replaced(flask_app.sessions.SessionFiles, "serializer", _Pickle()),
    "pages to go on to are our own": replaced(routes("auth"), "_OWN_PAGE", ANYTHING),
    "a login is another session": _one_id_for_ever,
    "a logout ends the login": _login_that_stays,
    "a token changes no account": replaced(flask_app.security, "is_for_tokens", constantly(True)),
    "guesses wait": _no_waits,
    "a name comes from a proxy only": _any_proxy,
    "ids of sessions are signed": _unsigned_sessions,
    "a body has 1 MB at most": _no_limits("MAX_CONTENT_LENGTH", "MAX_FORM_MEMORY_SIZE"),
    "a form has 200 parts at most": _no_limits("MAX_FORM_PARTS"),
    "a form has 20,000 fields at most": replaced(flask_app.bodies, "FORM_FIELDS", 10**9),
    "a frame has 16 KB at most": _any_frame,
    "nesting is noticed": replaced(routes("api"), "RecursionError", KeyError),
    "places to go back to are our own": replaced(routes("bulk"), "back_to_list", lambda query, select="": str(query)),
}
