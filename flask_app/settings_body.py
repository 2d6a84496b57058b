"""What the JSON API takes for the global settings; the page's form of them is in `settings_forms`."""

from pydantic import Field

from flask_app.schemas import Strict
from flask_app.settings_forms import BOUNDS
from models.settings import Settings, VerificationMode

_USUAL = Settings()


def _bounded(name: str) -> int:
    low, high = BOUNDS[name]
    usual: int = Field(default=getattr(_USUAL, name), ge=low, le=high)
    return usual


class GlobalBody(Strict):
    """What is not sent keeps its value."""

    default_bandwidth_limit: int = _bounded("default_bandwidth_limit")
    auto_start_on_launch: bool = _USUAL.auto_start_on_launch
    network_check_interval: int = _bounded("network_check_interval")
    max_retry_attempts: int = _bounded("max_retry_attempts")
    auto_refresh_interval: int = _bounded("auto_refresh_interval")
    verification_mode: VerificationMode = _USUAL.verification_mode
