"""The dashboard's answer to whether everything is safe, in a line; it counts nothing itself."""

from dataclasses import dataclass

from core.views import DashboardView
from flask_app.utils.moments import when
from utils.text import plural


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer of the dashboard in a line."""

    title: str
    sentence: str
    icon: str
    tone: str


def verdict(board: DashboardView) -> Verdict:
    """Whether everything is safe, the worst first."""
    count = len(board.attention)
    if count and all(view.state == "interrupted" for view in board.attention):
        title = f"{plural(count, 'run')} {'was' if count == 1 else 'were'} interrupted"
        return Verdict(title, "What was copied is kept. Resume carries on there.", "unplug", "warn")
    if count:
        title = f"{count} of {plural(board.total, 'job')} {'needs' if count == 1 else 'need'} attention"
        return Verdict(title, _rest(board), "shield-alert", "error")
    if board.protected == board.total:
        title = "Your job is protected" if board.total == 1 else f"All {board.total} jobs are protected"
        return Verdict(title, _last_good(board), "shield-check", "ok")
    if board.active and not board.protected:
        sentence = "Nothing is protected before it has ended."
        return Verdict("The first backup is running", sentence, "loader-circle", "info")
    title = f"{board.protected} of {plural(board.total, 'job')} protected"
    if board.total == 1:
        title = "Your job is not protected yet"
    return Verdict(title, _unprotected(board), "circle-dashed", "neutral")


def _last_good(board: DashboardView) -> str:
    return f"Last good run {when(board.last_good_at)}." if board.last_good_at else "No run has ended well yet."


def _rest(board: DashboardView) -> str:
    """What holds for the jobs that need nothing."""
    others = board.total - len(board.attention)
    safe = board.protected
    if others > 1 and safe == others:
        return f"The other {others} are protected. {_last_good(board)}"
    if safe:
        return f"{plural(safe, 'other')} {'is' if safe == 1 else 'are'} protected. {_last_good(board)}"
    return _last_good(board)


def _unprotected(board: DashboardView) -> str:
    if board.never_run:
        return f"{plural(board.never_run, 'job')} {'has' if board.never_run == 1 else 'have'} not run yet."
    return _last_good(board)
