"""What can go wrong, in words a user can act on; not for programming errors, which fly as they are."""

from collections.abc import Mapping


class AppError(Exception):
    """A refusal with a sentence for the user.

    `code` is a stable snake_case word for scripts, `status` the HTTP status it becomes,
    `fields` maps a form field's name to the sentence that stands beside it.
    """

    code = "refused"
    status = 409

    def __init__(self, message: str, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fields = dict(fields or {})


class InvalidInput(AppError):
    """What was typed cannot be used; every sentence stands beside its field."""

    code = "invalid_input"
    status = 422

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()), fields)


class JobNotFound(AppError):
    code = "job_not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__("There is no such job. It may have been deleted.")


class TemplateNotFound(AppError):
    code = "template_not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__("There is no such template. It may have been deleted.")


class RunNotFound(AppError):
    code = "run_not_found"
    status = 404

    def __init__(self) -> None:
        super().__init__("There is no such run. It may have been removed with its job.")


class JobBusy(AppError):
    """The job has an active run, so what was asked for cannot be done now."""

    code = "job_busy"


class JobChanged(AppError):
    """The job is not what the caller has read: somebody else changed it since."""

    code = "job_changed"
    status = 412

    def __init__(self) -> None:
        super().__init__("This job was changed since you read it, so nothing was done. Read it again, then decide.")


class NotRunning(AppError):
    """There is nothing to pause or to cancel."""

    code = "not_running"


class CannotStart(AppError):
    """The job cannot start as it stands: a tool is missing, a setting is not built, a path is wrong."""

    code = "cannot_start"


class IdentityChanged(CannotStart):
    """Source or destination is not the file system of the last good run.

    A person may say that this is intended; then the start is asked for again with
    `accept_identity=True` and the new identity is recorded at the next success.
    """

    code = "identity_changed"


class HostKeyUnknown(CannotStart):
    """The host's ssh key has not been accepted yet; its fingerprint is to be shown and confirmed."""

    code = "host_key_unknown"


class StoreBroken(AppError):
    """jobs.yaml or settings.yaml cannot be read; changes are refused until a person mends it."""

    code = "store_broken"


class StoreUnavailable(AppError):
    """The data folder cannot be written now (full, read-only, locked by a stopped process)."""

    code = "store_unavailable"
    status = 503
