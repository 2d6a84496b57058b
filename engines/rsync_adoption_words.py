"""The options of rsync that other people's command lines hold: which take a value, which a job of ours always has."""

LONG_OF_LETTER = {
    "a": "--archive", "r": "--recursive", "l": "--links", "p": "--perms", "t": "--times", "g": "--group",
    "o": "--owner", "v": "--verbose", "q": "--quiet", "c": "--checksum", "H": "--hard-links", "A": "--acls",
    "X": "--xattrs", "x": "--one-file-system", "z": "--compress", "S": "--sparse", "e": "--rsh", "f": "--filter",
    "n": "--dry-run", "u": "--update", "W": "--whole-file", "h": "--human-readable", "i": "--itemize-changes",
    "P": "--partial-progress", "D": "--devices-specials", "b": "--backup", "L": "--copy-links", "R": "--relative",
    "E": "--executability", "I": "--ignore-times", "C": "--cvs-exclude", "F": "-F", "K": "--keep-dirlinks",
    "k": "--copy-dirlinks", "J": "--omit-link-times", "O": "--omit-dir-times", "s": "--secluded-args",
    "m": "--prune-empty-dirs", "y": "--fuzzy", "d": "--dirs", "8": "--8-bit-output", "0": "--from0",
    "B": "--block-size", "T": "--temp-dir", "M": "--remote-option", "@": "--modify-window",
    "4": "--ipv4", "6": "--ipv6", "N": "--crtimes", "U": "--atimes", "j": "--mkpath",
}  # fmt: skip
LETTERS_WITH_VALUE = frozenset("efBTM@")
SWITCHES = {
    "--hard-links": "hard_links",
    "--acls": "acls",
    "--xattrs": "xattrs",
    "--numeric-ids": "numeric_ids",
    "--one-file-system": "one_file_system",
    "--compress": "compress",
    "--sparse": "sparse",
}
# What changes nothing of what is copied, or what a run here does anyway.
ALWAYS_SO = frozenset(
    {
        "--verbose", "--quiet", "--human-readable", "--no-human-readable", "--no-h", "--itemize-changes", "--progress",
        "--no-progress", "--partial-progress", "--partial", "--partial-dir", "--stats", "--info", "--debug", "--outbuf",
        "--no-motd", "--log-file", "--log-file-format", "--out-format", "--msgs2stderr", "--stderr",
        "--secluded-args", "--protect-args", "--old-args", "--no-inc-recursive", "--no-i-r", "--inc-recursive",
        "--mkpath", "--timeout", "--contimeout", "--whole-file", "--no-whole-file", "--no-W", "--8-bit-output",
        "--modify-window", "--block-size", "--devices-specials", "--devices", "--specials", "--blocking-io",
        "--ipv4", "--ipv6", "--omit-link-times", "--skip-compress", "--compress-level", "--zl", "--sockopts", "--fsync",
    }
)  # fmt: skip
WORDS_WITH_VALUE = frozenset(
    {
        "--exclude", "--include", "--exclude-from", "--include-from", "--files-from", "--filter", "--rsh", "--bwlimit",
        "--port", "--password-file", "--log-file", "--log-file-format", "--out-format", "--partial-dir", "--temp-dir",
        "--backup-dir", "--suffix", "--compare-dest", "--copy-dest", "--link-dest", "--max-size", "--min-size",
        "--max-delete", "--timeout", "--contimeout", "--block-size", "--modify-window", "--rsync-path", "--chmod",
        "--chown", "--usermap", "--groupmap", "--info", "--debug", "--address", "--sockopts", "--iconv",
        "--compress-level", "--zl", "--compress-choice", "--zc", "--checksum-choice", "--cc", "--checksum-seed",
        "--skip-compress",
        "--remote-option", "--outbuf", "--write-batch", "--only-write-batch", "--read-batch", "--protocol",
        "--stop-after", "--time-limit", "--stop-at", "--max-alloc", "--copy-as", "--early-input", "--stderr",
    }
)  # fmt: skip
_NAMES = "put its lines under “Leave out” in the form."
_OTHER_KIND = "earlier versions of files are not kept by this version."
_ONLY_SOME = "a job here copies every file that differs."
_AS_IT_IS = "a job here keeps this as it is at the source."
LEFT_OUT = {
    "--dry-run": "a job really copies. Use Preview for a look.",
    "--exclude-from": _NAMES,
    "--include-from": "put its lines under “Always include” in the form.",
    "--files-from": "a job copies its whole source, less what is left out.",
    "--cvs-exclude": "write the names to leave out in the form.",
    "-F": "files with rules of their own are not read.",
    "--password-file": "type the password in the form of the job.",
    "--backup": _OTHER_KIND,
    "--backup-dir": _OTHER_KIND,
    "--suffix": _OTHER_KIND,
    "--link-dest": _OTHER_KIND,
    "--copy-dest": _OTHER_KIND,
    "--compare-dest": _OTHER_KIND,
    "--update": _ONLY_SOME,
    "--existing": _ONLY_SOME,
    "--ignore-non-existing": _ONLY_SOME,
    "--ignore-existing": _ONLY_SOME,
    "--size-only": "files are compared by size and time, or by content.",
    "--ignore-times": "files are compared by size and time, or by content.",
    "--max-size": _ONLY_SOME,
    "--min-size": _ONLY_SOME,
    "--relative": "folders above the source are not made at the destination. Look where the files would lie.",
    "--copy-links": "links are copied as links.",
    "--copy-dirlinks": "links are copied as links.",
    "--copy-unsafe-links": "links are copied as links.",
    "--safe-links": "all links are copied.",
    "--keep-dirlinks": "a link at the destination is replaced by a folder.",
    "--inplace": "files are replaced as a whole.",
    "--append": "files are replaced as a whole.",
    "--append-verify": "files are replaced as a whole.",
    "--chmod": _AS_IT_IS,
    "--chown": _AS_IT_IS,
    "--usermap": _AS_IT_IS,
    "--groupmap": _AS_IT_IS,
    "--no-owner": _AS_IT_IS,
    "--no-o": _AS_IT_IS,
    "--no-group": _AS_IT_IS,
    "--no-g": _AS_IT_IS,
    "--no-perms": _AS_IT_IS,
    "--no-p": _AS_IT_IS,
    "--no-times": _AS_IT_IS,
    "--no-t": _AS_IT_IS,
    "--omit-dir-times": _AS_IT_IS,
    "--rsync-path": "the rsync that the other host finds is used.",
    "--max-delete": "nothing is deleted at the destination.",
    "--prune-empty-dirs": "empty folders are copied too.",
    "--iconv": "names are copied as they are.",
}
