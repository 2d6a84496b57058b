"""Every changing address and every command has a word in the audit log."""

import click
from flask import Flask

from core.audit_actions import ACTIONS
from flask_app.audit_hook import SAFE_METHODS
from flask_app.audited import ASKS, COMMANDS, ENDPOINTS, NAMED_IN_FORM, OWN


def commands_of(group: click.Command, *words: str) -> set[str]:
    if not isinstance(group, click.Group):
        return {" ".join(words)}
    return {name for word, one in group.commands.items() for name in commands_of(one, *words, word)}


def test_every_changing_address_has_a_word(app: Flask) -> None:
    changing = {rule.endpoint for rule in app.url_map.iter_rules() if (rule.methods or set()) - SAFE_METHODS}
    assert changing - ENDPOINTS.keys() == set(), "name them in flask_app/audited.py"
    assert ENDPOINTS.keys() - changing == set(), "no such changing address"
    assert changing >= NAMED_IN_FORM


def test_every_command_has_a_word(app: Flask) -> None:
    ours = commands_of(app.cli)
    assert ours - COMMANDS.keys() == set(), "name them in flask_app/audited.py"
    assert COMMANDS.keys() - ours == set(), "no such command"


def test_every_word_is_an_action() -> None:
    assert {*ENDPOINTS.values(), *COMMANDS.values()} - {ASKS, OWN} <= set(ACTIONS)
