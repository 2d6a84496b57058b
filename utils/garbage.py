"""How often a server looks for garbage; nothing here collects any."""

import gc

_RARELY = (50_000, 20, 20)


def collect_rarely() -> None:
    """What is loaded stays: to look for garbage in it is a fifth of a start, and later the longest wait of a page."""
    gc.set_threshold(*_RARELY)
