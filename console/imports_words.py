"""What registers and the states of a handed-in file are called on pages."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.cases import Staff
from records.console import UploadState
from records.importers import Kind

KINDS: Final[Mapping[str, str]] = {
    Kind.MARRIAGES: "Sổ đăng ký kết hôn",
    Kind.BIRTHS: "Sổ đăng ký khai sinh",
    Kind.DEATHS: "Sổ đăng ký khai tử",
    Kind.DEATH_REPORTS: "Tin báo có người qua đời",
    Kind.DOSSIERS: "Sổ theo dõi hồ sơ",
    Kind.CONTRIBUTIONS: "Sổ đóng góp",
    Kind.RESIDENTS: "Danh sách người dân",
}
STATES: Final[Mapping[str, tuple[str, str]]] = {  # what it is called, and the colour of its badge
    UploadState.RECEIVED: ("đang đọc", ""),
    UploadState.READ: ("chờ anh/chị xác nhận", "warn"),
    UploadState.APPLYING: ("đang nạp", ""),
    UploadState.DONE: ("đã nạp", "good"),
    UploadState.FAILED: ("không nạp được", "bad"),
    UploadState.DROPPED: ("đã bỏ", ""),
}


async def names(db: AsyncSession, numbers: Sequence[int]) -> dict[int, str]:
    """Return the names of staff by their numbers."""
    found = await db.exec(select(Staff.id, Staff.name).where(col(Staff.id).in_(set(numbers))))
    return {number: name for number, name in found.all() if number is not None}
