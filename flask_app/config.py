"""What the environment asks for, checked at the start; not the settings a person changes on a page."""

import ipaddress
import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from flask_app.listen import Address, AsyncMode, async_mode, listen_address
from models.errors import AppError

Access = Literal["auto", "required", "off"]
LogFormat = Literal["text", "json"]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class WrongSetting(AppError):
    """A variable of the environment has a value that is not allowed; one line says which and what is."""

    code = "wrong_setting"


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """The environment as values.

    `allowed_hosts` are further names that may stand in the Host header (lower case, no port).
    `secret_key` is "" where one is to be generated. `trusted_proxies` counts them. `auth_header` is the one
    ("" for none) in which a proxy at one of `auth_proxies` says who is logged in.
    """

    data_dir: Path
    address: Address
    secret_key: str
    allowed_hosts: frozenset[str]
    trusted_proxies: int
    access: Access
    auth_header: str
    auth_proxies: tuple[Network, ...]
    async_mode: AsyncMode
    log_format: LogFormat

    @property
    def host_names(self) -> frozenset[str]:
        """Every name that may stand in the Host header; see `any_ip_host` for addresses."""
        names = LOOPBACK_NAMES | self.allowed_hosts
        if self.address.is_loopback():
            return names
        machine = socket.gethostname().lower()
        return names | {self.address.host, machine, f"{machine}.local"}

    @property
    def any_ip_host(self) -> bool:
        """Whether any IP address may stand there: a page cannot rebind one, only names."""
        return not self.address.is_loopback()


def read_environment(environ: Mapping[str, str]) -> ServerConfig:
    """The configuration, or AppError with one line that names the variable and what is allowed."""
    return ServerConfig(
        data_dir=_data_dir(environ),
        address=listen_address(environ),
        secret_key=_secret_key(environ),
        allowed_hosts=_allowed_hosts(environ),
        trusted_proxies=_trusted_proxies(environ),
        access=cast("Access", _choice(environ, "BACKUP_MANAGER_AUTH", ("auto", "required", "off"))),
        auth_header=_auth_header(environ),
        auth_proxies=_auth_proxies(environ),
        async_mode=async_mode(environ),
        log_format=cast("LogFormat", _choice(environ, "BACKUP_MANAGER_LOG_FORMAT", ("text", "json"))),
    )


def _wrong(name: str, text: str, allowed: str) -> WrongSetting:
    return WrongSetting(f"{name} is {text!r}; allowed is {allowed}.")


def _choice(environ: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    text = environ.get(name) or allowed[0]
    if text not in allowed:
        raise _wrong(name, text, f"{', '.join(allowed[:-1])} or {allowed[-1]}")
    return text


def _data_dir(environ: Mapping[str, str]) -> Path:
    text = environ.get("BACKUP_MANAGER_DATA_DIR") or "~/backup-manager"
    try:
        path = Path(text).expanduser()
    except RuntimeError as error:
        raise _wrong("BACKUP_MANAGER_DATA_DIR", text, "an absolute path, as HOME is not set") from error
    if not path.is_absolute():
        raise _wrong("BACKUP_MANAGER_DATA_DIR", text, "an absolute path")
    return path


def _secret_key(environ: Mapping[str, str]) -> str:
    text = environ.get("SECRET_KEY", "")
    if text and len(text) < 16:
        raise WrongSetting(f"SECRET_KEY has {len(text)} characters; allowed is 16 or more, or none to generate one.")
    return text


def _allowed_hosts(environ: Mapping[str, str]) -> frozenset[str]:
    name = "BACKUP_MANAGER_ALLOWED_HOSTS"
    text = environ.get(name, "")
    hosts = frozenset(item.strip().lower().strip("[]") for item in text.split(",") if item.strip())
    if any(character in host for host in hosts for character in "/* @\\"):
        raise _wrong(name, text, "a list of host names without port, separated by commas")
    return hosts


def _trusted_proxies(environ: Mapping[str, str]) -> int:
    name = "BACKUP_MANAGER_TRUSTED_PROXIES"
    text = environ.get(name) or "0"
    if not (text.isascii() and text.isdigit() and int(text) <= 10):
        raise _wrong(name, text, "a whole number from 0 to 10")
    return int(text)


def _auth_header(environ: Mapping[str, str]) -> str:
    name = "BACKUP_MANAGER_AUTH_HEADER"
    text = environ.get(name, "")
    if text and not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,63}", text):
        raise _wrong(name, text, "the name of a header, such as Remote-User")
    if bool(text) != bool(environ.get("BACKUP_MANAGER_AUTH_PROXIES")):
        raise WrongSetting(
            "BACKUP_MANAGER_AUTH_HEADER and BACKUP_MANAGER_AUTH_PROXIES go together: the header in which a proxy "
            "says who is logged in, and the addresses of the proxies that are believed."
        )
    return text


def _auth_proxies(environ: Mapping[str, str]) -> tuple[Network, ...]:
    name = "BACKUP_MANAGER_AUTH_PROXIES"
    text = environ.get(name, "")
    try:
        return tuple(ipaddress.ip_network(item.strip()) for item in text.split(",") if item.strip())
    except ValueError as error:
        raise _wrong(name, text, "a list of addresses or networks, such as 127.0.0.1, 192.168.1.0/24") from error
