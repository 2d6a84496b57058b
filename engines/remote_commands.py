"""The calls of rclone that deal with remotes, and the lines for a person to run; no secret is ever in one."""

import shlex
from collections.abc import Mapping, Sequence

from engines.remote_fields import value_of
from engines.remote_kinds import ENGINE, RemoteKind

_TEST = (
    "--contimeout=8s", "--timeout=12s", "--retries=1", "--low-level-retries=1", "--max-depth=1", "--log-level=NOTICE",
)  # fmt: skip


def dump(program: str, config: str) -> tuple[str, ...]:
    """Prints all sections as JSON."""
    return (program, f"--config={config}", "--ask-password=false", "--log-level=ERROR", "config", "dump")


def obscure(program: str) -> tuple[str, ...]:
    """Reads one secret on its input and prints what rclone.conf is to hold."""
    return (program, "--config=/dev/null", "obscure", "-")


def listing(program: str, config: str, name: str) -> tuple[str, ...]:
    """Lists the folders of a remote once, without patience."""
    return (program, f"--config={config}", "--ask-password=false", *_TEST, "lsd", "--", f"{name}:")


def create_line(
    config: str, kind: RemoteKind, name: str, typed: Mapping[str, str], fixed: Mapping[str, str], is_new: bool = True
) -> str:
    """What a person runs where rclone.conf is not ours to write. It asks for each secret."""
    values = {field.key: value_of(field, typed) for field in kind.fields if not field.is_secret}
    plain = [f"{key}={value}" for key, value in {**values, **fixed}.items() if value]
    verb = ["create", name, kind.type] if is_new else ["update", name]
    asked = [
        f'{field.key}="$({"rclone obscure -" if field.is_obscured else "head -n 1"})"'
        for field in kind.fields
        if field.is_secret and typed.get(field.key)
    ]
    return " ".join(
        [_line([ENGINE, "--config", config, "config", *verb, *plain]), *asked, *["--no-obscure"][: len(asked)]]
    )


def delete_line(config: str, name: str) -> str:
    return _line([ENGINE, "--config", config, "config", "delete", name])


def browser_lines(config: str, name: str, type_name: str) -> tuple[str, str, str]:
    """To sign in: with a browser here; or here without one, and what to run where there is one."""
    here = _line([ENGINE, "--config", config, "config", "create", name, type_name])
    return here, f"{here} config_is_local=false", _line([ENGINE, "authorize", type_name])


def _line(words: Sequence[str]) -> str:
    return shlex.join(words)
