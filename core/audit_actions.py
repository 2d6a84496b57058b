"""The names of what the audit log records, and their words for people; which address does what stands in flask_app."""

from typing import Literal, get_args

Action = Literal[
    "job.create", "job.change", "job.delete", "job.enable", "job.disable", "job.duplicate", "job.tag", "job.import",
    "job.confirm_missing",
    "run.start", "run.pause", "run.cancel", "run.preview", "run.verify", "run.retry", "run.rehearse", "run.restore",
    "run.mark_paused", "run.dismiss",
    "settings.change", "settings.reset",
    "template.create", "template.delete",
    "remote.create", "remote.change", "remote.delete", "remote.test", "remote.password",
    "key.create", "key.delete",
    "host.accept", "host.remove",
    "access.setup", "access.login", "access.logout", "access.refused",
    "session.revoke",
    "account.create", "account.change", "account.delete", "account.password",
    "token.create", "token.revoke",
    "audit.lost",
]  # fmt: skip

WORDS: dict[Action, str] = {
    "job.create": "Create a job",
    "job.change": "Change a job",
    "job.delete": "Delete a job",
    "job.enable": "Enable a job",
    "job.disable": "Disable a job",
    "job.duplicate": "Duplicate a job",
    "job.tag": "Tag a job",
    "job.import": "Take in jobs",
    "job.confirm_missing": "Confirm that jobs are gone",
    "run.start": "Start a job",
    "run.pause": "Pause a run",
    "run.cancel": "Cancel a run",
    "run.preview": "Preview a job",
    "run.verify": "Verify a copy",
    "run.retry": "Retry what was left out",
    "run.rehearse": "Rehearse a restore",
    "run.restore": "Restore files",
    "run.mark_paused": "Mark a job as paused",
    "run.dismiss": "Dismiss the recovery prompt",
    "settings.change": "Change settings",
    "settings.reset": "Reset settings",
    "template.create": "Save a template",
    "template.delete": "Delete a template",
    "remote.create": "Add a remote",
    "remote.change": "Change a remote",
    "remote.delete": "Delete a remote",
    "remote.test": "Test a remote",
    "remote.password": "Password of rclone.conf",
    "key.create": "Make an SSH key",
    "key.delete": "Delete an SSH key",
    "host.accept": "Trust a host",
    "host.remove": "Forget a host",
    "access.setup": "Set up the first account",
    "access.login": "Log in",
    "access.logout": "Log out",
    "access.refused": "Open a page or call",
    "session.revoke": "End a session",
    "account.create": "Create an account",
    "account.change": "Change an account",
    "account.delete": "Delete an account",
    "account.password": "Change a password",
    "token.create": "Make a token",
    "token.revoke": "Revoke a token",
    "audit.lost": "Records lost",
}
GROUPS = {
    "job.": "Jobs",
    "run.": "Runs",
    "settings.": "Settings",
    "template.": "Templates",
    "remote.": "Remotes",
    "key.": "SSH keys",
    "host.": "Known hosts",
    "access.": "Access",
    "session.": "Sessions",
    "account.": "Accounts",
    "token.": "Tokens",
    "audit.": "This log",
}
ACTIONS: tuple[Action, ...] = get_args(Action)


def action_words(word: str) -> str:
    """For people; a word that an older or newer version wrote is shown as it is."""
    return {str(action): words for action, words in WORDS.items()}.get(word, word)


def is_action(text: str) -> bool:
    """Whether it can be asked for: a word, or the beginning of a group's with the dot."""
    return text in ACTIONS or text in GROUPS
