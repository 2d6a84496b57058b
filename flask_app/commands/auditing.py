"""`flask … audit`: who did what, from the audit log; it records nothing itself."""

import click
from flask.cli import AppGroup

from flask_app.commands.output import answering, say_json, say_table
from flask_app.utils.audit_filters import wanted_by_script
from flask_app.utils.audit_words import said_of
from flask_app.utils.container import services
from models.audit import AuditRecord, audit_to_json

audit = AppGroup("audit", help="Who did what, from where.")


@audit.command("list")
@click.option("--account", default="", help="A part of the name.")
@click.option("--action", default="", help="Such as run.start, or job. for everything about jobs.")
@click.option("--outcome", type=click.Choice(["done", "refused", "failed"]))
@click.option("--since", default="", help="UTC: 2026-11-21 or 2026-11-21T07:02:04Z.")
@click.option("--until", default="", help="The same; the moment itself is not in it.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100_000))
@answering
def list_records(
    account: str, action: str, outcome: str | None, since: str, until: str, limit: int, as_json: bool
) -> None:  # fmt: skip
    """List what was done or refused, newest first."""
    asked = {"account": account, "action": action, "outcome": outcome or "", "since": since, "until": until}
    records = [record for record, _ in zip(services().audit.each(wanted_by_script(asked)), range(limit), strict=False)]
    if as_json:
        say_json([audit_to_json(record) for record in records])
        return
    say_table(("AT", "WHO", "FROM", "ACTION", "ABOUT", "RESULT"), map(_row, records))


def _row(record: AuditRecord) -> tuple[str, ...]:
    said = said_of(record)
    about = "; ".join(filter(None, [record.job_name, said.names]))
    result = f"{record.outcome} ({record.code})" if record.code else record.outcome
    return record.at, said.who, said.way, said.action, about, result
