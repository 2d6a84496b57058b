"""The kinds of remotes that can be set up by a form, and those that need a browser; a table, it checks nothing."""

from typing import Literal, NamedTuple

from engines.values import Version

ENGINE = "rclone"  # the engine whose tool knows remotes
CONFIG_PASSWORD = "rclone_config_password"  # noqa: S105  the name of the secret, not the secret
Check = Literal["text", "host", "port", "url", "endpoint", "path", "choice", "place", "secret"]
Choices = tuple[tuple[str, str], ...]


class RemoteField(NamedTuple):
    """One value of a remote: `key` is rclone's own word. `is_obscured`: a secret that rclone keeps obscured."""

    key: str
    label: str
    check: Check = "text"
    hint: str = ""
    required: bool = False
    choices: Choices = ()
    is_obscured: bool = True

    @property
    def is_secret(self) -> bool:
        return self.check == "secret"


class RemoteKind(NamedTuple):
    """A kind that a form can set up. `since` is the first rclone that has it.

    `checks_host_key`: it speaks ssh, and has to be told which host keys were accepted.
    """

    type: str
    word: str
    sentence: str
    fields: tuple[RemoteField, ...] = ()
    since: Version = (1, 53, 0)
    checks_host_key: bool = False


class BrowserKind(NamedTuple):
    """A kind whose owner signs in with a browser, which only rclone itself can ask for."""

    type: str
    word: str


_USER = RemoteField("user", "User")
_PASSWORD = RemoteField("pass", "Password", "secret")
_HOST = RemoteField("host", "Host", "host", "A name or an address, without a scheme.", required=True)
_VENDORS = (
    ("other", "Any server"),
    ("nextcloud", "Nextcloud"),
    ("owncloud", "ownCloud"),
    ("sharepoint", "SharePoint"),
    ("sharepoint-ntlm", "SharePoint with NTLM"),
)
_PROVIDERS = (
    ("AWS", "Amazon"),
    ("Cloudflare", "Cloudflare R2"),
    ("DigitalOcean", "DigitalOcean"),
    ("Minio", "MinIO"),
    ("Scaleway", "Scaleway"),
    ("Wasabi", "Wasabi"),
    ("Other", "Any other"),
)
_NAMES = (("standard", "Names are encrypted"), ("obfuscate", "Names are only obscured"), ("off", "Names are readable"))

KINDS = (
    RemoteKind(
        "sftp",
        "SFTP",
        "A folder on a machine that you reach by ssh.",
        (
            _HOST,
            RemoteField("port", "Port", "port", "Empty: 22."),
            _USER,
            _PASSWORD,
            RemoteField("key_file", "SSH key", "path", "Path of a private key without a passphrase, instead of one."),
        ),
        checks_host_key=True,
    ),
    RemoteKind(
        "webdav",
        "WebDAV",
        "Nextcloud, ownCloud, or any WebDAV server.",
        (
            RemoteField("url", "Address", "url", "For example https://cloud.lan/remote.php/dav/files/anna", True),
            RemoteField("vendor", "Server", "choice", choices=_VENDORS),
            _USER,
            _PASSWORD,
        ),
    ),
    RemoteKind(
        "smb",
        "SMB",
        "A Windows share, or one of a NAS.",
        (
            _HOST,
            RemoteField("port", "Port", "port", "Empty: 445."),
            _USER,
            _PASSWORD,
            RemoteField("domain", "Domain", hint="Empty: WORKGROUP."),
        ),
        since=(1, 60, 0),
    ),
    RemoteKind(
        "s3",
        "S3",
        "Buckets of Amazon or of any S3-compatible service.",
        (
            RemoteField("provider", "Provider", "choice", choices=_PROVIDERS),
            RemoteField("access_key_id", "Access key", required=True),
            RemoteField("secret_access_key", "Secret key", "secret", required=True, is_obscured=False),
            RemoteField("region", "Region", hint="Empty: the provider's usual one."),
            RemoteField("endpoint", "Endpoint", "endpoint", "Needed for everything but Amazon: host or https://host."),
        ),
    ),
    RemoteKind("local", "Local", "Folders of this machine, for example to put Crypt over them."),
    RemoteKind(
        "crypt",
        "Crypt",
        "Encrypts what goes into a folder of another remote.",
        (
            RemoteField("remote", "Over", "place", "A remote and a folder, for example nas:backup/secret.", True),
            RemoteField("filename_encryption", "File names", "choice", choices=_NAMES),
            RemoteField(
                "password", "Password", "secret", "Without it nobody can read the files again: keep it elsewhere too.",
                required=True,
            ),
            RemoteField("password2", "Second password", "secret", "Optional salt. Keep it elsewhere too."),
        ),
    ),
)  # fmt: skip

BROWSER_KINDS = (
    BrowserKind("drive", "Google Drive"),
    BrowserKind("onedrive", "OneDrive"),
    BrowserKind("dropbox", "Dropbox"),
    BrowserKind("box", "Box"),
    BrowserKind("pcloud", "pCloud"),
    BrowserKind("jottacloud", "Jottacloud"),
)


def kinds(version: Version) -> tuple[RemoteKind, ...]:
    """The kinds that this version of rclone has."""
    return tuple(kind for kind in KINDS if kind.since <= version)


def kind_of(type_name: str) -> RemoteKind | None:
    """The kind with a form, None for one that has none."""
    return next((kind for kind in KINDS if kind.type == type_name), None)


def browser_kind_of(type_name: str) -> BrowserKind | None:
    return next((kind for kind in BROWSER_KINDS if kind.type == type_name), None)


def secret_keys(type_name: str) -> frozenset[str]:
    """Which values of a section of that type are secrets, as far as this table knows."""
    kind = kind_of(type_name)
    return frozenset(field.key for field in kind.fields if field.is_secret) if kind else frozenset()
