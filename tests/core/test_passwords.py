"""Hashes of passwords: slow and salted, two at a time, never in the way of others."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from core import passwords
from core.container import directly
from core.passwords import Passwords, TooBusy
from tests.core.gatehouse import PASSWORD, quick
from tests.servers import ROOT


def test_a_hash_is_salted_and_fits_its_password_only() -> None:
    one = Passwords(directly)
    kept = one.hashed(PASSWORD)
    assert kept.startswith("scrypt$")
    assert PASSWORD not in kept
    assert Passwords(directly).fits(PASSWORD, kept), "in every process"
    assert not one.fits(PASSWORD.upper(), kept)
    assert Passwords(quick).hashed(PASSWORD) != Passwords(quick).hashed(PASSWORD)


def test_it_costs_what_is_asked_of_such_a_hash() -> None:
    assert passwords._COST * passwords._BLOCK * 128 >= 32 << 20, "OWASP: N=2^15, r=8, with p=3; or more memory"


@pytest.mark.parametrize("kept", ["", "x", "scrypt$$", "scrypt$a$b$c", "md5$AAAA$AAAA", "scrypt$" + "A" * 5000])
def test_what_is_no_hash_costs_as_much_and_fits_nothing(kept: str) -> None:
    worked: list[bytes] = []

    def counted(work: Callable[..., Any], password: bytes, salt: bytes) -> bytes:
        worked.append(salt)
        return quick(work, password, salt)

    assert not Passwords(counted).fits("", kept)
    assert [len(salt) for salt in worked] == [16]


def test_passwords_are_any_text() -> None:
    one = Passwords(quick)
    for text in ("a" * 1000, "пароль пароль", "\x00\x00x\x00", "\udc80 lone", "x" * 1_000_000):
        assert one.fits(text, one.hashed(text))
    assert not one.fits("a\x00b", one.hashed("a"))


GREEN = """
import eventlet
eventlet.monkey_patch()
from eventlet import tpool
from core.passwords import Passwords
from flask_app.green import offload
assert offload() == tpool.execute
beats = []

def beat():
    while True:
        beats.append(1)
        eventlet.sleep(0)

beating = eventlet.spawn(beat)
guesses = [eventlet.spawn(Passwords(offload()).fits, "guess", "") for _ in range(2)]
with eventlet.Timeout(60):
    found = [guess.wait() for guess in guesses]
beating.kill()
print(found, len(beats) > 100)
"""


def test_in_green_threads_nobody_waits_for_a_hash() -> None:
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", GREEN], env=os.environ | {"BACKUP_MANAGER_ASYNC_MODE": "eventlet"},
        capture_output=True, text=True, cwd=ROOT, timeout=90, check=False,
    )  # fmt: skip
    assert (found.stdout.strip(), found.stderr[-2000:]) == ("[False, False] True", "")


def test_two_are_checked_at_once_and_who_waits_for_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_PATIENCE", 0.01)
    busy, go_on, present = threading.Semaphore(0), threading.Event(), list[int]()

    def slow(work: Callable[..., Any], password: bytes, salt: bytes) -> bytes:
        busy.release()
        go_on.wait(20)
        return quick(work, password, salt)

    one = Passwords(slow)
    threads = [threading.Thread(target=lambda: present.append(len(one.hashed(PASSWORD)))) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert busy.acquire(timeout=20)
    assert busy.acquire(timeout=20)
    with pytest.raises(TooBusy) as refused:
        one.hashed(PASSWORD)
    assert refused.value.status == 429
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert len(present) == 2
    assert one.hashed(PASSWORD), "and a place is free again"
