"""What the law asks of the reception schedule a ward posts, checked before anybody complains.

Luật Tiếp công dân 42/2013/QH13, Điều 24 (posted five working days ahead); sửa bởi Luật
136/2025/QH15 from 01/7/2026 (the chairperson receives on two days a month). Checked 20/11/2026.
"""

from collections import Counter
from datetime import date
from typing import Final

from knowledge.board import Reception
from knowledge.calendar import Calendar

POSTED_AHEAD: Final = 5  # working days
CHAIR_DAYS: Final = 2  # a month
CHAIR_DAYS_SINCE: Final = date(2026, 7, 1)


def reception_duties(reception: Reception, calendar: Calendar) -> list[str]:
    """Return what is amiss with the schedule, a line each, with what to do; nothing when it is right."""
    return [*_too_few(reception), *_posted_late(reception, calendar), *_on_days_off(reception, calendar)]


def _too_few(reception: Reception) -> list[str]:
    posted = {s.day.replace(day=1) for s in reception.sessions if s.day >= CHAIR_DAYS_SINCE}
    chaired = Counter(
        month for month, _ in {(s.day.replace(day=1), s.day) for s in reception.sessions if s.chair}
    )
    return [
        f"reception.toml: tháng {month:%m/%Y} Chủ tịch mới có {chaired[month]} ngày tiếp công dân, "
        f"luật cần ít nhất {CHAIR_DAYS}; thêm buổi chair = true"
        for month in sorted(posted)
        if chaired[month] < CHAIR_DAYS
    ]


def _posted_late(reception: Reception, calendar: Calendar) -> list[str]:
    coming = reception.from_day(reception.published_on)
    if not coming or reception.published_on <= calendar.working_days_before(coming[0].day, POSTED_AHEAD):
        return []
    late = f"buổi {coming[0].day:%d/%m/%Y} đăng ngày {reception.published_on:%d/%m/%Y}"
    return [f"reception.toml: {late}, chưa đủ {POSTED_AHEAD} ngày làm việc; dời buổi này hoặc báo người dân"]


def _on_days_off(reception: Reception, calendar: Calendar) -> list[str]:
    return [
        f"reception.toml: buổi {session.day:%d/%m/%Y} rơi vào ngày nghỉ; đổi sang ngày khác"
        for session in reception.sessions
        if not calendar.is_working_day(session.day)
    ]
