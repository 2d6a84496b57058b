"""What a browser says of itself, in words a person knows; it may say anything, so nothing is judged by it."""

# The first that occurs: each browser also names those that it wants to be taken for.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def agent_words(told: str) -> str:
    """`Firefox on Windows`; what is told itself where no browser is known by it, "" where it is nothing."""
    browser = _known(told, _BROWSERS)
    if not browser:
        return told
    system = _known(told, _SYSTEMS)
    return f"{browser} on {system}" if system else browser


def _known(told: str, names: tuple[tuple[str, str], ...]) -> str:
    return next((word for part, word in names if part in told), "")
