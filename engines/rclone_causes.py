"""What rclone's last lines say about why it failed, in words; the exit code has decided already that it did."""

from engines.causes import Cause

_ANY = frozenset(range(1, 11))
_AGAIN = "then start the job again; what was copied is kept."
_RECONNECT = "Renew the sign-in on this machine with “rclone config reconnect” and the remote's name, " + _AGAIN
NETWORK = (
    r"connection refused|connection reset|connection lost|broken pipe|no route to host|network is unreachable|"
    r"i/o timeout|handshake timeout|deadline exceeded|[Uu]nexpected EOF|: EOF|use of closed network connection|"
    r"couldn't connect SSH|connection closed|host is down|connection timed out|server closed idle"
)

# The first that fits counts: what a person must mend comes before what may pass by itself.
CAUSES: tuple[Cause, ...] = (
    Cause(
        _ANY,
        r"[Cc]ouldn't decrypt configuration|unable to decrypt configuration|password command|"
        r"most likely wrong password",
        "rclone's configuration is encrypted, and the stored password does not open it.",
        "Enter its password on the page “Remotes”, " + _AGAIN,
    ),
    Cause(
        _ANY,
        r"Failed to load config file",
        "rclone's configuration cannot be read.",
        "See the log, and mend the file, " + _AGAIN,
    ),
    Cause(
        _ANY,
        r"didn't find section in config file",
        "rclone's configuration has no remote of this name any more.",
        "Add the remote on the page “Remotes”, or choose another one in the job.",
    ),
    Cause(
        _ANY,
        r"didn't find backend called|unknown backend",
        "This version of rclone does not know this kind of remote.",
        "Update rclone, " + _AGAIN,
    ),
    Cause(
        _ANY,
        r"couldn't fetch token|invalid_grant|token expired|expired_access_token|empty token found|ExpiredToken",
        "The sign-in to the remote has run out.",
        _RECONNECT,
    ),
    Cause(
        _ANY,
        r"knownhosts: key (?:mismatch|is unknown)|host key mismatch",
        "The host's key is not the accepted one, or was never accepted.",
        "Find out on the host itself which key is right, then test the remote on the page “Remotes”.",
    ),
    Cause(
        _ANY,
        r"no space left on device|disk quota exceeded|file too big for remaining disk space",
        "The disk at the destination is full.",
        "Make room there, " + _AGAIN,
    ),
    Cause(
        _ANY,
        r"storageQuotaExceeded|quotaExceeded|[Ii]nsufficient [Ss]torage|insufficient_space|QuotaExceeded|"
        r"quota (?:was )?exceeded|over quota|507 ",
        "The account at the destination is full.",
        "Make room there or enlarge the account, " + _AGAIN,
    ),
    Cause(
        _ANY,
        r"[Tt]oo [Mm]any [Rr]equests|rateLimitExceeded|userRateLimitExceeded|SlowDown|too_many_requests|\b429\b|"
        r"downloadQuotaExceeded|uploadLimitExceeded",
        "The remote asks for fewer requests.",
        "Wait a little, " + _AGAIN,
        retry=True,
    ),
    Cause(
        _ANY,
        r"unable to authenticate|\b401\b|Unauthorized|InvalidAccessKeyId|SignatureDoesNotMatch|invalid credentials|"
        r"[Ll]ogon failure",
        "The remote refused the user, the password or the key.",
        "Correct them on the page “Remotes”, " + _AGAIN,
    ),
    Cause(
        _ANY,
        r"AccessDenied|\b403\b|Forbidden|permission denied|insufficientPermissions|operation not permitted",
        "Something could not be read or written: permission denied.",
        "See the log for its name and correct the rights, " + _AGAIN,
    ),
    Cause(
        _ANY,
        r"read-only file system",
        "The destination is read-only.",
        "Remount it writable, or choose another destination.",
    ),
    Cause(
        _ANY,
        r": is a directory",
        "At the destination a folder has the name of a file.",
        "Move it away there, or leave the file out, " + _AGAIN,
    ),
    Cause(
        _ANY,
        r"file name too long",
        "A file's name is too long for the destination.",
        "See the log for its name. Rename it, or leave it out.",
    ),
    Cause(
        _ANY,
        r"source file is being updated|can't copy - source file",
        "A file changed while it was copied, so it was left out.",
        "Close the program that writes it, " + _AGAIN,
    ),
    Cause(
        _ANY,
        r"corrupted on transfer",
        "A file arrived damaged and was taken away again.",
        "Start the job again. If it happens again, test the memory and the disks on both sides.",
    ),
    Cause(
        _ANY,
        r"x509:|certificate (?:has expired|is not valid|signed by)|tls: (?!handshake timeout)",
        "The server's certificate cannot be trusted.",
        "Check its date and name, and this machine's clock.",
    ),
    Cause(
        _ANY,
        r"no such host|server misbehaving|[Tt]emporary failure in name resolution",
        "The remote's name could not be looked up.",
        "Check the network and the name's spelling, " + _AGAIN,
        retry=True,
    ),
    Cause(
        _ANY,
        rf"{NETWORK}|\b50[0234]\b|ServiceUnavailable|InternalError",
        "The connection to the remote failed.",
        "Check the network and the remote, " + _AGAIN,
        retry=True,
    ),
    Cause(
        _ANY,
        # Of a bucket that does not answer rclone says this too.
        r"is a file not a directory",
        "The remote did not answer, or one of the folders is a file there.",
        "Check the remote and the paths, " + _AGAIN,
        retry=True,
    ),
    Cause(
        _ANY,
        r"Failed to (?:load|create|read) .{0,20}filter|in glob|bad glob pattern|malformed rule",
        "rclone did not understand one of the patterns.",
        "Correct “Leave out” or “Include”. The log names the pattern.",
    ),
    Cause(
        _ANY,
        r"NoSuchBucket|bucket not found|directory not found|\b404\b",
        "A folder of this job does not exist.",
        "Check that both paths exist.",
    ),
)
