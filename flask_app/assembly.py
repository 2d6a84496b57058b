"""How the app is put together, once per process; the parts themselves are elsewhere."""

import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from core.doors import build_doors
from core.process import raise_file_limit
from flask_app.audit_hook import audit_changes
from flask_app.bare_answers import dress_bare_answers
from flask_app.bodies import bound_bodies
from flask_app.cli import register_commands
from flask_app.config import ServerConfig
from flask_app.errors import register_errors
from flask_app.front_door import HEADERS, NO_STORE, FrontDoor
from flask_app.green import flush_in_real_threads, offload
from flask_app.identity import Gate
from flask_app.listen import refuse_second_worker, running_mode
from flask_app.master import end_with_master
from flask_app.read_ahead import answer_what_was_read_ahead
from flask_app.request_ids import name_what_is_asked_for
from flask_app.roles import ROLE_WORDS, identity, may
from flask_app.routes import register_routes
from flask_app.run_news import RunNews
from flask_app.secret_key import secret_key
from flask_app.security import guard
from flask_app.server_log import keep_server_log
from flask_app.sessions import COOKIE, PageSessions
from flask_app.socketio_handlers import Live
from flask_app.structured_log import configure_logging
from flask_app.utils.template_filters import register as register_filters
from models.errors import AppError
from storage.data_folder import DataFolder

if TYPE_CHECKING:
    from core.container import Container

log = structlog.get_logger(__name__)


def assemble(config: ServerConfig, container: "Container | None" = None) -> Flask:
    """The app with all its parts; nothing runs yet."""
    configure_logging(config.log_format)
    app = Flask("flask_app", root_path=str(Path(__file__).parent))
    app.extensions["container"] = container or _container(config)
    app.config.update(
        SECRET_KEY=config.secret_key or _kept_key(config.data_dir),
        SESSION_COOKIE_NAME=COOKIE,
        SERVER=config,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    sessions = PageSessions(DataFolder(config.data_dir).sessions, app.config["SECRET_KEY"])
    app.session_interface = sessions
    doors = build_doors(DataFolder(config.data_dir), offload(), say_setup_code)
    app.extensions["doors"], app.extensions["gate"] = doors, Gate(config, doors, sessions.ids)
    app.jinja_env.globals.update(open_banner=config.access == "off", may=may, identity=identity, role_words=ROLE_WORDS)
    register_filters(app)
    register_errors(app)
    register_routes(app)
    name_what_is_asked_for(app)
    bound_bodies(app)
    guard(app)
    audit_changes(app)
    register_commands(app)
    live = Live(app, app.extensions["container"])
    app.extensions["live"] = live
    _close_the_door(app, config, live)
    return app


def _container(config: ServerConfig) -> "Container":
    from core.container import build_container

    return build_container(config.data_dir, offload())


def _kept_key(data_dir: Path) -> str:
    try:
        return secret_key(DataFolder(data_dir).secret_key_file)
    except OSError as error:
        log.warning("the key for sessions cannot be kept: a restart ends them", reason=str(error))
        return secrets.token_hex(32)


def _close_the_door(app: Flask, config: ServerConfig, live: Live) -> None:
    door = FrontDoor(app.wsgi_app, config, app.extensions["gate"].who, live.is_full)
    count = config.trusted_proxies
    proxied = ProxyFix(door, x_for=count, x_proto=count, x_host=count) if count else door
    app.wsgi_app = proxied  # type: ignore[method-assign]


def start_serving(app: Flask) -> None:
    """Begin the background work of a server process."""
    refuse_second_worker()
    keep_server_log(app.config["SERVER"].data_dir)
    raise_file_limit()
    end_with_master()
    flush_in_real_threads()
    answer_what_was_read_ahead()
    dress_bare_answers([*HEADERS, NO_STORE])
    app.extensions["container"].bus.subscribe(RunNews().hear)
    app.extensions["container"].watcher.start()
    app.extensions["live"].start()
    _say_who_comes_first(app)
    log.info("serving", mode=running_mode())


def _say_who_comes_first(app: Flask) -> None:
    """Where others can reach the server from the start, the code for the first account is told at the start."""
    config, doors = app.config["SERVER"], app.extensions["doors"]
    is_reached = config.access == "required" or (config.access == "auto" and not config.address.is_loopback())
    with suppress(AppError):  # a page says what is wrong with the file
        if is_reached and doors.accounts.is_empty():
            doors.setup.announce()


def say_setup_code(code: str) -> None:
    """On the console, and nowhere else: whoever reads it may make the first account."""
    print(f"No account exists yet. Open the page and make the first one with this code: {code}", flush=True)
