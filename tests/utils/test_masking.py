"""What may be given away, and what goes."""

import pytest

from utils.masking import Mask

MASK = Mask(
    ["hunter2", "correct horse battery"],
    {"Photos of Anna": "<name>", "/home/anna/My Photos": "<place>", "nas": "<host>"},
)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("rsync said hunter2, twice hunter2", "rsync said <hidden>, twice <hidden>"),
        ("hunter22 is another word", "hunter22 is another word"),
        ("it was 'correct horse batteryX'", "it was '<hidden>X'"),
        ("Photos of Anna: cannot read /home/anna/My Photos/2026/a.jpg: denied", "<name>: cannot read <place>: denied"),
        ("nas did not answer; dynastic did", "<host> did not answer; dynastic did"),
    ],
)
def test_known_words_go(text: str, shown: str) -> None:
    assert MASK.text(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("open https://anna:pw@cloud.example/dav/x now", "open https://<address> now"),
        ("rsync://anna:pw@nas/photos/2026", "rsync://<address>"),
        ("ssh anna@nas.lan:/srv/b failed", "ssh <address> failed"),
        ("anna:pw@nas.lan:/srv/b", "<address>"),
        ("password=abc, user", "password=<hidden>, user"),
        ('{"access_token": "ya29.x y", "n": 1}', '{"access_token": <hidden>, "n": 1}'),
        ("RCLONE_CONFIG_PASS=abc;", "RCLONE_CONFIG_PASS=<hidden>;"),
        ("Authorization: Bearer abc.def", "Authorization: <hidden>"),
        ("sent Bearer abcdef0 to it", "sent Bearer <hidden> to it"),
        ("csrf_token=IjYx", "csrf_token=<hidden>"),
        ("cannot open /srv/anna/film.mkv: denied", "cannot open <path>: denied"),
        ("cannot open '/srv/anna and me/film.mkv'", "cannot open '<path>'"),
        ("cannot open /srv/anna and/film.mkv here", "cannot open <path> here"),
        ("cannot open ~/films", "cannot open <path>"),
        ("to 192.168.1.7 and fe80:1:2:3:4:5:6:7 end", "to <address> and <address> end"),
        ("key AbCdEfGhIjKlMnOp1234567 end", "key <hidden> end"),
        ("a -----BEGIN OPENSSH PRIVATE KEY-----\nabc\ndef\n-----END OPENSSH PRIVATE KEY----- b", "a <hidden> b"),
        ("cut off: -----BEGIN RSA PRIVATE KEY-----\nabc", "cut off: <hidden>"),
    ],
)
def test_what_looks_like_a_secret_an_address_or_a_path_goes(text: str, shown: str) -> None:
    assert Mask().text(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-21T07:02:04.123456Z info    a run ended state='done' job_id='0b9f6a1e-3f0c-4a51-9d3e-2f1f5a8f6d10'",
        "run_id='20261121T070204123Z-a1b2c3' exit_code=23 request_id='0123456789abcdef'",
        'File "core/supervision.py", line 106, in carry_out',
        "rsync 3.4.3 at /usr/bin/rsync, ok",
        "listening at 127.0.0.1",
        "07:02:04 and 12:30",
        "This has no password.",
    ],
)
def test_what_a_report_needs_stays(text: str) -> None:
    assert Mask().text(text) == text


def test_an_empty_word_replaces_nothing() -> None:
    assert Mask(["", " "], {"": "<name>"}).text("a b") == "a b"
