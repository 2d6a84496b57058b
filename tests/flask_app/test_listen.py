"""Where the server may listen, and who holds a port."""

import os
import socket

import pytest

from flask_app.listen import Address, CannotListen, async_mode, holder_of, listen_address, require_free, running_mode


def test_the_default_address_is_loopback_5001() -> None:
    assert str(listen_address({})) == "127.0.0.1:5001"


def test_an_ipv6_address_is_written_in_brackets() -> None:
    assert str(listen_address({"BACKUP_MANAGER_HOST": "::1"})) == "[::1]:5001"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_loopback_hosts_are_known(host: str) -> None:
    assert listen_address({"BACKUP_MANAGER_HOST": host}).is_loopback()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "nas.example"])
def test_a_host_that_others_reach_is_no_loopback(host: str) -> None:
    assert not listen_address({"BACKUP_MANAGER_HOST": host}).is_loopback()


@pytest.mark.parametrize("port", ["0", "65536", "-1", "5001 ", "٣", "eighty"])
def test_a_wrong_port_is_named_with_what_is_allowed(port: str) -> None:
    with pytest.raises(CannotListen, match=r"BACKUP_MANAGER_PORT is .* 1 to 65535"):
        listen_address({"BACKUP_MANAGER_PORT": port})


def test_a_wrong_mode_is_named_with_what_is_allowed() -> None:
    with pytest.raises(CannotListen, match="BACKUP_MANAGER_ASYNC_MODE is 'gevent'; allowed is eventlet or threading"):
        async_mode({"BACKUP_MANAGER_ASYNC_MODE": "gevent"})


def test_a_process_that_nobody_patched_runs_in_threading_mode() -> None:
    assert running_mode() == "threading"


@pytest.mark.parametrize(("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_the_holder_of_a_port_is_found_by_its_socket(family: int, host: str) -> None:
    with socket.create_server((host, 0), family=family) as taken:
        port = taken.getsockname()[1]
        assert holder_of(port).endswith(f"(pid {os.getpid()})")
        with pytest.raises(CannotListen, match=f"Port {port} is already in use"):
            require_free(Address(host, port))
    require_free(Address(host, port))


def test_an_address_of_another_machine_is_said_to_be_one() -> None:
    with pytest.raises(CannotListen, match=r"'192\.0\.2\.7', which is not an address of this machine"):
        require_free(Address("192.0.2.7", 5001))
