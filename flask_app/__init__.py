"""The web side: pages, API, live events and the command line, around the core."""

import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from models.errors import AppError
from utils.garbage import collect_rarely

if TYPE_CHECKING:
    from flask import Flask

    from core.container import Container
    from flask_app.config import ServerConfig

USAGE = 2  # the exit status of the command line for a wrong call


def create_app(container: "Container | None" = None, config: "ServerConfig | None" = None) -> "Flask":
    """The WSGI app. Without arguments everything comes from the environment and background work starts."""
    collect_rarely()
    from flask_app.assembly import assemble, start_serving
    from flask_app.config import read_environment
    from flask_app.own_folder import refuse_root_elsewhere

    try:
        config = config or read_environment(os.environ)
        if container is None and is_command_line():
            refuse_root_elsewhere(config.data_dir)
        app = assemble(config, container)
        if container is None and not is_command_line():
            start_serving(app)
    except AppError as error:
        refuse_to_start(error.message)
    return app


def is_command_line() -> bool:
    """Whether this process is a `flask …` command and not a server."""
    return os.environ.get("FLASK_RUN_FROM_CLI") == "true" and "run" not in sys.argv[1:]


def refuse_to_start(sentence: str) -> NoReturn:
    """One line on stderr, and out; a gunicorn master stops too instead of trying again."""
    from flask_app.listen import HALTS_GUNICORN

    print(sentence, file=sys.stderr, flush=True)
    sys.exit(USAGE if is_command_line() else HALTS_GUNICORN)


def __getattr__(name: str) -> Any:
    """`flask_app:app` is made when a server first asks for it, so that importing the package costs nothing."""
    if name != "app":
        raise AttributeError(name)
    globals()["app"] = create_app()
    return globals()["app"]
