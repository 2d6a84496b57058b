"""People with accounts in real browsers, through the nginx of deploy/: live, logged out, and after a restart."""

from pathlib import Path

import pytest

from flask_app.listen import AsyncMode
from models.role import Role
from tests.e2e.behind import NO_WEBSOCKET, behind
from tests.e2e.behind_restart import restart
from tests.e2e.behind_visits import change_password_beside, log_in, log_out_beside, visitor, watch_a_run
from tests.e2e.browser import NewVisit
from tests.servers import until
from tests.whole import only_whole

pytestmark = pytest.mark.browser


def test_a_login_is_live_by_websocket_and_its_end_or_a_new_password_ends_all_of_it(
    new_visit: NewVisit, tmp_path: Path, server_mode: AsyncMode
) -> None:
    scene_of = behind(tmp_path / "scene", server_mode)
    with scene_of as scene, visitor(scene, new_visit, Role.OPERATOR, "/jobs/") as visit:
        job_page = watch_a_run(scene, visit, tmp_path / "files")
        log_out_beside(visit, ["/", job_page, "/logs/"])
        until(scene.websockets)
        log_in(visit.page, Role.OPERATOR)
        change_password_beside(scene, visit, Role.OPERATOR)


@only_whole
def test_live_by_polling_ends_with_the_login_where_no_websocket_passes(
    new_visit: NewVisit, tmp_path: Path, server_mode: AsyncMode
) -> None:
    scene_of = behind(tmp_path / "scene", server_mode, NO_WEBSOCKET)
    with scene_of as scene, visitor(scene, new_visit, Role.OPERATOR) as visit:
        visit.allow("WebSocket connection to", "socket.io")
        watch_a_run(scene, visit, tmp_path / "files")
        log_out_beside(visit, ["/"])
        assert scene.polls() > 0
        assert scene.websockets() == 0


@only_whole
def test_a_restart_disturbs_no_job_and_brings_every_browser_back(
    new_visit: NewVisit, tmp_path: Path, server_mode: AsyncMode
) -> None:
    with behind(tmp_path / "scene", server_mode) as scene, visitor(scene, new_visit, Role.OPERATOR) as visit:
        restart(scene, visit, tmp_path / "files", clients=15)
