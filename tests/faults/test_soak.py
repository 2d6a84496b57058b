"""The soak of `script/prove soak`, for seconds instead of minutes."""

import pytest

from flask_app.listen import AsyncMode
from tests.faults.family_soak import soak

pytestmark = pytest.mark.browser


def test_a_dashboard_left_open_stays_right_while_jobs_end_and_the_server_restarts(server_mode: AsyncMode) -> None:
    assert soak(12, restarts=1, mode=server_mode, patience=20) == 0
