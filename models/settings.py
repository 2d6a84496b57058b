"""Global settings: the six that the legacy app shares with us, and our own."""

from dataclasses import dataclass
from typing import Literal

VerificationMode = Literal["fast", "checksum", "verify_after"]


@dataclass(frozen=True, slots=True)
class Settings:
    """settings.yaml as values. Bandwidth is KiB/s (0 = unlimited), intervals are seconds."""

    default_bandwidth_limit: int = 0
    auto_start_on_launch: bool = False
    network_check_interval: int = 30
    max_retry_attempts: int = 10
    auto_refresh_interval: int = 2
    verification_mode: VerificationMode = "fast"


@dataclass(frozen=True, slots=True)
class Config:
    """config.yaml, ours alone. `nice` (0..19) is the tools' priority; `rsync` and `rclone` are paths ("" = found).

    `rclone_config` is the file with rclone's remotes ("" = where rclone itself looks).
    `log_megabytes` is how large one log may grow before it is archived, `log_days` how old an
    archive and a run's record of files may become (0 = for ever), `log_total_megabytes` what all
    archives may take together (0 = no limit). `browse_roots` are the folders that pages may look into
    for choosing a source or a destination.
    """

    nice: int = 10
    rsync: str = ""
    rclone: str = ""
    rclone_config: str = ""
    log_megabytes: int = 5
    log_days: int = 90
    log_total_megabytes: int = 500
    browse_roots: tuple[str, ...] = ("/", "/run/media")
