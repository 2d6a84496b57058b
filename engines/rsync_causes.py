"""What is known to lie behind rsync's exits, most telling first; a table and nothing else."""

from engines.causes import Cause

# Exits that a file, a disk or a connection can explain. A cause is looked for only where it fits the
# exit: an unreadable file early in a run says nothing about a link that broke later.
_FILES = frozenset({3, 11, 12, 23})
_LINK = frozenset({1, 2, 4, 5, 10, 12, 14, 30, 35, 124, 125, 126, 127, 255})
_KEY = "Check the key's path and its rights, and that the host knows its public part."
_START = "Start the job again; what was copied is kept."
CAUSES: tuple[Cause, ...] = (
    Cause(
        _LINK,
        r"REMOTE HOST IDENTIFICATION HAS CHANGED|Host key for .+ has changed",
        "The host shows another key than the one that was accepted: it was set up anew, or somebody stands between.",
        "Find out on the host itself which key is right, then accept it on the job's page.",
    ),
    Cause(
        _LINK,
        r"host key is known for|Host key verification failed",
        "The host's key has not been accepted yet.",
        "Open the job, compare the fingerprint with the host's own, and accept it.",
    ),
    Cause(_LINK, r"Identity file (.+) not accessible", "The private key {} cannot be read.", _KEY),
    Cause(_LINK, r"UNPROTECTED PRIVATE KEY|Load key ", "ssh does not accept the private key's file.", _KEY),
    Cause(
        _LINK,
        r"Permission denied \((?![0-9]+\))|Too many authentication failures",
        "The host refused the login: it does not know this user or this key.",
        _KEY,
    ),
    Cause(
        _LINK,
        r"Could not resolve hostname|getaddrinfo: ",
        "The host's name could not be looked up.",
        "Check its spelling and this machine's network, then start the job again.",
        retry=True,
    ),
    Cause(
        _LINK,
        r"Connection refused",
        "The host refused the connection: nothing listens on that port.",
        "Check the port, and that ssh or the rsync daemon runs there.",
        retry=True,
    ),
    Cause(
        _LINK,
        r"No route to host|Network is unreachable|Host is down",
        "The host cannot be reached from this machine.",
        "Check that it is switched on and on this network.",
        retry=True,
    ),
    Cause(
        _LINK,
        r"[Tt]imed out|[Cc]onnection timeout",
        "The host did not answer in time.",
        "Check that it is switched on and that no firewall stands between.",
        retry=True,
    ),
    Cause(
        _LINK,
        r"auth failed on module (.+)",
        "The daemon refused the user or the password for module {}.",
        "Check the user in the address, and enter the password again.",
    ),
    Cause(
        _LINK,
        r"Unknown module '(.+)'",
        "The daemon has no module called {}.",
        "Check the name behind the two colons.",
    ),
    Cause(
        _LINK,
        r"max connections \(.*\) reached",
        "The daemon serves as many connections as it may.",
        "Wait until another transfer ends, or raise the daemon's limit.",
        retry=True,
    ),
    Cause(
        _LINK,
        r"@ERROR: access denied",
        "The daemon does not let this machine use the module.",
        "Add this machine to “hosts allow” in the daemon's settings.",
    ),
    Cause(
        _LINK,
        r"module is read only",
        "The daemon's module may only be read.",
        "Choose another module, or set “read only = no” in the daemon's settings.",
    ),
    Cause(
        _LINK,
        r"module is write only",
        "The daemon's module may only be written.",
        "Choose another module, or set “write only = no” in the daemon's settings.",
    ),
    Cause(
        _LINK,
        r"@ERROR: ch(?:dir|root) failed",
        "The folder behind the daemon's module does not exist or may not be used.",
        "Check “path” in the daemon's settings.",
    ),
    Cause(
        _LINK,
        r"refuse(?:s|d)? .*option|configured to refuse",
        "The daemon refuses an option of this job.",
        "Switch off the option named in the log, or allow it in the daemon's settings.",
    ),
    Cause(
        _LINK,
        r"[Ff]ailed to exec ssh",
        "ssh is not installed on this machine.",
        "Install it (the package is called openssh-client or openssh).",
    ),
    Cause(
        _LINK,
        r"command not found|: not found|[Uu]nknown command|remote command not found",
        "rsync is not installed on the other host.",
        "Install it there, for that user's PATH.",
    ),
    Cause(
        _LINK,
        r"is your shell clean\?|protocol version mismatch",
        "The other host printed text of its own where rsync expected an answer.",
        "Make that user's login scripts there print nothing.",
    ),
    Cause(
        frozenset({19, 20}),
        r"Connection reset by peer|connection unexpectedly closed|[Bb]roken pipe",
        "The rsync on the other host was stopped.",
        "Check whether that host is shutting down, then start the job again; what was copied is kept.",
        retry=True,
    ),
    Cause(
        frozenset({1, 4}),
        r"(ACLs|[Xx]attrs|[Ee]xtended attributes) are not supported",
        "{} cannot be kept: rsync on one side was built without them.",
        "Switch off that option of the job.",
    ),
    Cause(
        _FILES,
        r"No space left on device",
        "The destination is full.",
        "Free space there or choose another destination.",
    ),
    Cause(
        _FILES,
        r"[Qq]uota exceeded",
        "The quota at the destination is used up.",
        "Free space there, raise the quota or choose another destination.",
    ),
    Cause(
        _FILES,
        r"Read-only file system",
        "The destination's file system is read-only.",
        "Mount it writable. If the system made it so by itself, check the disk's health first.",
    ),
    Cause(
        _FILES,
        r"Input/output error",
        "A disk reported errors while files were read or written.",
        "Check the health of both disks before anything else.",
    ),
    Cause(
        _FILES,
        r"Stale file handle|Transport endpoint is not connected|No such device",
        "A mounted file system went away during the run.",
        "Mount it again, then start the job again; what was copied is kept.",
    ),
    Cause(
        _FILES,
        r"File too large",
        "A file is larger than the destination's file system or a limit allows.",
        "Choose a destination with another file system, or leave the file out.",
    ),
    # The receiver of another host may end before its own message has travelled.
    Cause(
        frozenset({11}),
        r"\(code 11\) at receiver\.c",
        "A file could not be written at the destination.",
        "Look at its free space first, then at the disk's health and its rights.",
    ),
    Cause(
        frozenset({3}),
        r"destination must be a directory|Not a directory",
        "The destination is a file, not a folder.",
        "Choose a folder as the destination.",
    ),
    Cause(
        _FILES,
        r"(?:change_dir|link_stat) \".*\"(?: \(in .*\))? failed: No such file",
        "The source was not found.",
        "Check the source's path, and that its disk is mounted.",
    ),
    Cause(
        frozenset({11}),
        r"\] mkdir \".*\" failed: No such file",
        "The folders above the destination do not exist, and this rsync makes only the last one.",
        "Create them, or update rsync to 3.2.3 or newer.",
    ),
    Cause(
        _FILES,
        r"\[(?:generator|[Rr]eceiver)\] .*Permission denied",
        "The destination, or a folder in it, may not be written by this user.",
        "Give the user write access there, then start the job again.",
    ),
    Cause(
        frozenset({23}),
        r"\[sender\] .*Permission denied",
        "Some files could not be read: permission denied.",
        "See the list of files. Give the user read access, or leave them out.",
    ),
    Cause(
        frozenset({23}),
        r"File name too long|Invalid argument|Invalid or incomplete multibyte",
        "Some names are not possible on the destination's file system.",
        "Rename those files, or choose a destination with another file system.",
    ),
    Cause(
        frozenset({23}),
        r"^could not make way for [a-z ]+: ",
        "At the destination something else has the name of a file, for example a folder that is not empty.",
        "Move it away there, or leave the file out.",
    ),
    Cause(
        frozenset({23}),
        r"failed verification -- update discarded",
        "Some files changed while they were being copied.",
        _START,
    ),
    Cause(
        frozenset({23}),
        r"failed to set (?:times|permissions)|chown|chgrp|xattr|acl|Operation not permitted",
        "Owners, rights or times of some files could not be set.",
        "Run Backup Manager as root, or use a destination whose file system can hold them.",
    ),
)
