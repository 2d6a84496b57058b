"""What a job that is still being typed will do, as short facts beside the form; problems are told elsewhere."""

from collections.abc import Iterator

from flask_app.forms import JobForm
from flask_app.utils.words import DELETION_WORDS, OPTION_WORDS, VERIFY_WORDS
from models.job import JobSettings
from models.settings import Settings
from utils.text import plural

Fact = tuple[str, str]


def facts(form: JobForm, settings: JobSettings, usual: Settings) -> tuple[Fact, ...]:
    """Label and value, the settings in force filled in; what does not apply is left away."""
    found = [("Compared", _compared(settings, usual)), ("Speed", _speed(settings, usual))]
    found += [("Left out", _left_out(settings))]
    found += [
        *_deletion(settings),
        *_options(form, settings),
        *_access(settings),
        ("If the network fails", _tries(settings, usual)),
    ]
    found += _unchosen(settings)
    if not settings.enabled:
        found.append(("Starts", "Not at all: it is disabled"))
    return tuple(found)


def _compared(settings: JobSettings, usual: Settings) -> str:
    return VERIFY_WORDS[settings.verify or usual.verification_mode][0]


def _speed(settings: JobSettings, usual: Settings) -> str:
    limit = settings.bandwidth_limit
    number = usual.default_bandwidth_limit if limit is None else limit
    return f"At most {number:,} KiB/s" if number else "No limit"


def _left_out(settings: JobSettings) -> str:
    if not settings.exclude:
        return "Nothing"
    words = f"What {plural(len(settings.exclude), 'pattern')} {'catches' if len(settings.exclude) == 1 else 'catch'}"
    return f"{words}, except for {plural(len(settings.include), 'pattern')}" if settings.include else words


def _deletion(settings: JobSettings) -> Iterator[Fact]:
    if settings.delete_source_after:
        words = DELETION_WORDS[settings.deletion_mode][0].lower()
        later = ", not in the next run" if settings.skip_deletion_this_run else ""
        agreed = "" if settings.deletion_confirmed else ". You have not agreed yet"
        yield "Files at the source", f"Deleted once proven, {words}{later}{agreed}"


def _options(form: JobForm, settings: JobSettings) -> Iterator[Fact]:
    names = [OPTION_WORDS.get(option, (option,))[0] for option in form.options]
    names += ["List every copied file in the log"] if settings.list_files else []
    if names:
        yield "Also", ", ".join([names[0], *(name[0].lower() + name[1:] for name in names[1:])])


def _access(settings: JobSettings) -> Iterator[Fact]:
    words = [f"port {settings.ssh.port}"] if settings.ssh.port else []
    words += [f"key {settings.ssh.key}"] if settings.ssh.key else []
    if words:
        yield "Remote access", ", ".join(words)


def _tries(settings: JobSettings, usual: Settings) -> str:
    number = usual.max_retry_attempts if settings.max_retries is None else settings.max_retries
    return f"Up to {plural(number, 'try', 'tries')}" if number > 1 else "Not tried again"


def _unchosen(settings: JobSettings) -> Iterator[Fact]:
    """Which of the values above follow the settings."""
    names = [] if settings.verify else ["comparison"]
    names += ["speed"] if settings.bandwidth_limit is None else []
    names += ["tries"] if settings.max_retries is None else []
    if names:
        yield "As in Settings", ", ".join(names).capitalize()
