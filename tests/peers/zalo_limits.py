"""Zalo's documented limits, each of which a constructor may change or lift.

Source: zalo.md, sections 2, 4 to 8 and 10, November 2026.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ZaloLimits:
    """None lifts a limit. Texts count characters as sent: send NFC, NFD is longer."""

    per_minute_app: int | None = 4000
    per_minute_oa: int | None = None  # by package: Growth 100, Comprehensive 2,000
    text: int | None = 2000
    buttons: int | None = 5
    button_title: int | None = 100
    button_payload: int | None = 1000
    image_bytes: int | None = 2**20
    gif_bytes: int | None = 5 * 2**20
    file_bytes: int | None = 5 * 2**20
    free_hours: int | None = 48
    window_days: int | None = 7
    welcome_messages: int | None = 3
    package_messages: int | None = 500  # a month outside the free hours, then charged
    upload_days: int | None = 7
    access_token_s: int | None = 90_000
    refresh_token_days: int | None = 90
    tracking_id: int | None = 48
    templates_per_day: int | None = 500  # the lowest step of the ladder


def over(value: float, limit: float | None) -> bool:
    """Return whether *value* breaks *limit*."""
    return limit is not None and value > limit
