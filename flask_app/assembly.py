"""How the app is put together, once per process; the parts themselves are elsewhere."""

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from flask_app.cli import register_commands
from flask_app.config import ServerConfig
from flask_app.errors import register_errors
from flask_app.front_door import FrontDoor
from flask_app.green import flush_in_real_threads, offload
from flask_app.listen import refuse_second_worker, running_mode
from flask_app.master import end_with_master
from flask_app.read_ahead import answer_what_was_read_ahead
from flask_app.routes import register_routes
from flask_app.secret_key import secret_key
from flask_app.security import guard
from flask_app.sessions import COOKIE, PageSessions
from flask_app.socketio_handlers import Live
from flask_app.structured_log import configure_logging
from flask_app.utils.template_filters import register as register_filters
from storage.data_folder import DataFolder

if TYPE_CHECKING:
    from core.container import Container

log = structlog.get_logger(__name__)
MEGABYTE = 1_000_000
FORM_PARTS = 200


def assemble(config: ServerConfig, container: "Container | None" = None) -> Flask:
    """The app with all its parts; nothing runs yet."""
    configure_logging(config.log_format)
    app = Flask("flask_app", root_path=str(Path(__file__).parent))
    app.extensions["container"] = container or _container(config)
    app.config.update(
        SECRET_KEY=config.secret_key or _kept_key(config.data_dir),
        SESSION_COOKIE_NAME=COOKIE,
        MAX_CONTENT_LENGTH=MEGABYTE,
        MAX_FORM_MEMORY_SIZE=MEGABYTE,
        MAX_FORM_PARTS=FORM_PARTS,
        SERVER=config,
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.session_interface = PageSessions(DataFolder(config.data_dir).sessions, app.config["SECRET_KEY"])
    app.jinja_env.globals["open_banner"] = config.access == "off"
    register_filters(app)
    register_errors(app)
    register_routes(app)
    guard(app, config)
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
    door = FrontDoor(app.wsgi_app, config, live.is_full)
    count = config.trusted_proxies
    proxied = ProxyFix(door, x_for=count, x_proto=count, x_host=count) if count else door
    app.wsgi_app = proxied  # type: ignore[method-assign]


def start_serving(app: Flask) -> None:
    """Begin the background work of a server process."""
    refuse_second_worker()
    end_with_master()
    flush_in_real_threads()
    answer_what_was_read_ahead()
    app.extensions["container"].watcher.start()
    app.extensions["live"].start()
    log.info("serving", mode=running_mode())
