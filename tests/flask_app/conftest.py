"""What the tests of the web side share besides tests/conftest.py."""

from pathlib import Path

import pytest

from core.container import build_container
from flask_app import create_app
from flask_app.config import ServerConfig
from tests.flask_app.pages import Pages


@pytest.fixture
def pages(config: ServerConfig, tmp_path: Path) -> Pages:
    """The pages over the real core; nothing runs in the background."""
    core = build_container(config.data_dir)
    return Pages(create_app(core, config), core, tmp_path)
