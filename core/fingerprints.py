"""A set of fingerprints, sixteen bytes each whatever they stand for; none of them can be turned back."""

import struct
from os import stat_result
from stat import S_IFMT

_WIDTH = 16
_EMPTY = bytes(_WIDTH)
_FIRST_SLOTS = 1 << 12


class Fingerprints:
    """One block of bytes with open addressing: a million of them take about 32 MB."""

    def __init__(self) -> None:
        self._count, self._slots = 0, _FIRST_SLOTS
        self._table = bytearray(_WIDTH * _FIRST_SLOTS)

    def __len__(self) -> int:
        return self._count

    def __contains__(self, fingerprint: bytes) -> bool:
        start = self._place(fingerprint)
        return self._table[start : start + _WIDTH] != _EMPTY

    def add(self, fingerprint: bytes) -> None:
        start = self._place(fingerprint)
        if self._table[start : start + _WIDTH] != _EMPTY:
            return
        self._table[start : start + _WIDTH] = fingerprint
        self._count += 1
        if 3 * self._count > 2 * self._slots:
            self._grow()

    def _place(self, fingerprint: bytes) -> int:
        """Where it stands, or the free place where it would."""
        table, mask = self._table, self._slots - 1
        slot = int.from_bytes(fingerprint[:8], "little") & mask
        while table[(start := slot * _WIDTH) : start + _WIDTH] not in (fingerprint, _EMPTY):
            slot = (slot + 1) & mask
        return start

    def _grow(self) -> None:
        old = self._table
        self._slots *= 2
        self._table = bytearray(_WIDTH * self._slots)
        for start in range(0, len(old), _WIDTH):
            if (kept := old[start : start + _WIDTH]) != _EMPTY:
                place = self._place(bytes(kept))
                self._table[place : place + _WIDTH] = kept


def fingerprint(name: bytes, original: stat_result, copy: stat_result | None, links_may_go: bool = False) -> bytes:
    """Of a file under its name and of its copy as they stand.

    The time of the last change of any kind (ctime) is part of it, so a rewrite that sets the old
    times again shows too. `links_may_go` leaves the original's out: deleting one of its other
    names changes that time.
    """
    facts = struct.pack("<6Q", *_facts(original, not links_may_go))
    beside = struct.pack("<6Q", *_facts(copy, True)) if copy else b""
    from hashlib import blake2b  # late: it costs every supervisor 4 MB, and few delete

    return blake2b(facts + beside + name, digest_size=_WIDTH, person=b"copy" if copy else b"alone").digest()


def _facts(status: stat_result, whole: bool) -> tuple[int, ...]:
    changed = status.st_ctime_ns if whole else 0
    facts = (S_IFMT(status.st_mode), status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, changed)
    return tuple(number & 0xFFFFFFFFFFFFFFFF for number in facts)  # times before 1970 are negative
