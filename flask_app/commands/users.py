"""`flask … users`: accounts from the console, where whoever may run this needs none."""

import sys
import warnings
from getpass import GetPassWarning

import click
from flask.cli import AppGroup

from flask_app.auditing import about
from flask_app.commands.output import answering, say_json, say_table
from flask_app.utils.container import doors
from models.account import Account
from models.role import Role
from utils.clock import utc_text

role_option = click.option(
    "--role", type=click.Choice([role.value for role in Role]), default=Role.VIEWER.value, show_default=True,
    help="viewer: sees. operator: also starts and pauses. administrator: everything.",
)  # fmt: skip
from_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")

users = AppGroup("users", help="Accounts: who may come in from other machines.")


@users.command("list")
@answering
def list_users(as_json: bool) -> None:
    """All accounts, and how many browsers each is logged in with."""
    found = [_told(account) for account in doors().accounts.all()]
    if as_json:
        say_json(found)
    elif found:
        rows = [[str(each[one]) for one in ("name", "role", "logins", "created_at")] for each in found]
        say_table(["NAME", "ROLE", "LOGINS", "SINCE"], rows)
    else:
        click.echo("No account yet. `users add NAME --role administrator` makes one.")


@users.command("add")
@click.argument("name")
@role_option
@from_stdin
@click.option("--without-password", is_flag=True, help="For somebody whom a reverse proxy lets in.")
@answering
def add_user(name: str, role: str, password_stdin: bool, without_password: bool, as_json: bool) -> None:
    """Add an account."""
    password = None if without_password else _password(password_stdin)
    about(names=[name, role])
    account = doors().accounts.create(name, Role(role), password)
    _answer(account, f"Account {account.name} added: {account.role}.", as_json)


@users.command("passwd")
@click.argument("name")
@from_stdin
@answering
def change_password(name: str, password_stdin: bool, as_json: bool) -> None:
    """Give an account another password; every browser of it is logged out."""
    name = doors().accounts.get(name).name
    about(names=[name])
    account = doors().accounts.set_password(name, _password(password_stdin))
    _answer(account, f"Password of {account.name} changed.", as_json)


@users.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@answering
def change_role(name: str, role: str, as_json: bool) -> None:
    """Let an account do more or less; every browser of it is logged out."""
    about(names=[name, role])
    account = doors().accounts.set_role(name, Role(role))
    _answer(account, f"{account.name}: {account.role}.", as_json)


@users.command("remove")
@click.argument("name")
@answering
def remove_user(name: str, as_json: bool) -> None:
    """Remove an account with its tokens."""
    account = doors().accounts.get(name)
    about(names=[account.name])
    doors().accounts.remove(name)
    _answer(account, f"Account {account.name} removed.", as_json)


def _password(is_piped: bool) -> str:
    """Typed twice without an echo, or the first line of standard input."""
    if is_piped:
        return sys.stdin.readline().rstrip("\n")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", GetPassWarning)  # it would be shown while it is typed
            return str(click.prompt("Password", hide_input=True, confirmation_prompt="The same again", err=True))
    except GetPassWarning as error:
        raise click.UsageError("There is no terminal to ask for a password on: use --password-stdin.") from error


def _answer(account: Account, sentence: str, as_json: bool) -> None:
    if as_json:
        say_json(_told(account))
    else:
        click.echo(sentence)


def _told(account: Account) -> dict[str, object]:
    return {
        "name": account.name,
        "role": account.role.value,
        "has_password": bool(account.password),
        "logins": len(doors().logins.of_account(account.name)),
        "created_at": utc_text(account.created_at),
    }
