"""`flask … tokens`: what scripts come in with, made and revoked on the console."""

import click
from flask.cli import AppGroup

from flask_app.auditing import about
from flask_app.commands.output import answering, say_json, say_table
from flask_app.utils.container import doors
from models.account import Token
from models.role import Role
from utils.clock import utc_text

tokens = AppGroup("tokens", help="API tokens: what scripts come in with.")


@tokens.command("list")
@answering
def list_tokens(as_json: bool) -> None:
    """All tokens; their secrets are kept nowhere."""
    found = [_told(token) for token in doors().tokens.all()]
    if as_json:
        say_json(found)
    elif found:
        columns = ("id", "name", "account", "role", "last_used_at", "expires_at")
        rows = [[str(each[one] or "-") for one in columns] for each in found]
        say_table(["ID", "NAME", "OF", "ROLE", "LAST USED", "EXPIRES"], rows)
    else:
        click.echo("No token yet. `tokens create NAME --user ACCOUNT` makes one.")


@tokens.command("create")
@click.argument("name")
@click.option("--user", "owner", required=True, help="The account that it belongs to.")
@click.option("--role", type=click.Choice([role.value for role in Role]), help="At most the account's, the default.")
@click.option("--days", type=int, default=90, show_default=True, help="Until it expires; 0 for never.")
@answering
def create_token(name: str, owner: str, role: str | None, days: int, as_json: bool) -> None:
    """Make a token. It is printed this once."""
    account = doors().accounts.get(owner)
    about(names=[account.name, name])
    secret, token = doors().tokens.create(account.name, name, Role(role or account.role), days or None)
    if as_json:
        say_json({**_told(token), "token": secret})
    else:
        click.echo(secret)
        click.echo(f"Token {token.id} of {token.account} ({token.role}). It is not shown again.", err=True)


@tokens.command("revoke")
@click.argument("token_id", metavar="ID")
@answering
def revoke_token(token_id: str, as_json: bool) -> None:
    """Refuse a token from now on."""
    token = doors().tokens.revoke(token_id)
    about(names=[token.account, token.name])
    if as_json:
        say_json(_told(token))
    else:
        click.echo(f"Token {token.name} of {token.account} revoked.")


def _told(token: Token) -> dict[str, object]:
    used = doors().tokens.last_used(token.id)
    return {
        "id": token.id,
        "name": token.name,
        "account": token.account,
        "role": token.role.value,
        "created_at": utc_text(token.created_at),
        "last_used_at": utc_text(used) if used else None,
        "expires_at": utc_text(token.expires_at) if token.expires_at else None,
    }
