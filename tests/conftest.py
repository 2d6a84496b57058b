"""What every test may ask for; builders stand in tests/build.py, stand-ins in tests/fakes.py."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings

from flask_app.config import ServerConfig, read_environment
from flask_app.listen import AsyncMode, async_mode
from tests import build
from tests.compiled import keep_compiled
from tests.servers import Server, serving

if TYPE_CHECKING:
    from core.container import Container

# Examples are judged by what they show: how long one takes says only how busy the machine is.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
keep_compiled()


@pytest.fixture(scope="session")
def server_mode() -> AsyncMode:
    """The mode in which this session's servers are started; script/test runs `both_modes` tests in each."""
    return async_mode(os.environ)


@pytest.fixture(autouse=True)
def _push_request_context() -> None:
    """Overrides pytest-flask's, which would let all requests of a test share one context."""


@pytest.fixture
def config(tmp_path: Path) -> ServerConfig:
    """The defaults, with a data folder of its own."""
    folder = build.data_folder(tmp_path)
    return read_environment({"BACKUP_MANAGER_DATA_DIR": str(folder.root)})


@pytest.fixture
def core() -> "Container":
    """The fake core behind `app`."""
    from tests import fakes

    return fakes.container()


@pytest.fixture
def app(core: "Container", config: ServerConfig) -> Flask:
    """The whole app around a fake core."""
    from flask_app import create_app

    return create_app(core, config)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def server(tmp_path: Path, server_mode: AsyncMode) -> Iterator[Server]:
    """A real server with the real core and an empty data folder."""
    with serving(tmp_path / "data", server_mode) as running:
        yield running


@pytest.fixture(scope="module")
def shared_server(tmp_path_factory: pytest.TempPathFactory, server_mode: AsyncMode) -> Iterator[Server]:
    """The same for all tests of a module that leave nothing behind which another would trip over."""
    with serving(tmp_path_factory.mktemp("shared") / "data", server_mode) as running:
        yield running
