"""What every test may ask for; builders stand in tests/build.py."""

import os

import pytest

from flask_app.listen import AsyncMode, async_mode


@pytest.fixture(scope="session")
def server_mode() -> AsyncMode:
    """The mode in which this session's servers are started; script/test runs `both_modes` tests in each."""
    return async_mode(os.environ)
