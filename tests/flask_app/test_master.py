"""A worker and its master."""

import os
import signal

import pytest

from flask_app.listen import Address, AsyncMode, require_free
from flask_app.master import end_with_master
from models.errors import AppError
from tests.servers import Server, serving, until


@pytest.mark.both_modes
def test_a_killed_master_leaves_no_worker_and_a_free_port(server: Server, server_mode: AsyncMode) -> None:
    port = int(server.address.rpartition(":")[2])
    os.kill(server.process.pid, signal.SIGKILL)
    server.process.wait(5)
    until(lambda: _is_free(port), seconds=2)
    with serving(server.data, server_mode, BACKUP_MANAGER_PORT=str(port)):
        pass


def _is_free(port: int) -> bool:
    try:
        require_free(Address("127.0.0.1", port))
    except AppError:
        return False
    return True


def test_a_process_that_is_no_worker_is_left_alone() -> None:
    end_with_master()
    assert os.getppid() > 0
