"""What registers and the states of a handed-in file are called on pages."""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from records.cases import Staff
from records.console import UploadState
from records.importers import Kind, proposing

KINDS: Final[Mapping[str, str]] = {
    Kind.MARRIAGES: "Sổ đăng ký kết hôn",
    Kind.BIRTHS: "Sổ đăng ký khai sinh",
    Kind.DEATHS: "Sổ đăng ký khai tử",
    Kind.DEATH_REPORTS: "Tin báo có người qua đời",
    Kind.DOSSIERS: "Sổ theo dõi hồ sơ",
    Kind.CONTRIBUTIONS: "Sổ đóng góp",
    Kind.RESIDENTS: "Danh sách người dân",
}
FACTS: Final[
    Mapping[str, str]
] = {  # what a row changed, where the records name it otherwise than the register
    "name": "họ tên",
    "gender": "giới tính",
    "born_on": "ngày sinh",
    "household": "nhà ở cùng",
    "happened_on": "ngày",
    "state": "trạng thái",
    "applicant_name": "người nộp",
    "applicant_phone": "điện thoại người nộp",
    "current_due_on": "ngày hẹn trả",
    "original_due_on": "ngày hẹn lần đầu",
    "reappointments": "số lần hẹn lại",
    "ready_on": "ngày có kết quả",
    "handed_on": "ngày trả",
    "sensitive": "nội dung nhạy cảm",
}
STATES: Final[Mapping[str, tuple[str, str]]] = {  # what it is called, and the colour of its badge
    UploadState.RECEIVED: ("đang đọc", ""),
    UploadState.READ: ("chờ anh/chị xác nhận", "warn"),
    UploadState.APPLYING: ("đang nạp", ""),
    UploadState.DONE: ("đã nạp", "good"),
    UploadState.FAILED: ("không nạp được", "bad"),
    UploadState.DROPPED: ("đã bỏ", ""),
}


def facts_of(kind: Kind) -> dict[str, str]:
    """Return what the facts of a register are called."""
    return {name: title.lower() for name, title, _ in proposing.choices(kind)} | dict(FACTS)


async def names(db: AsyncSession, numbers: Sequence[int]) -> dict[int, str]:
    """Return the names of staff by their numbers."""
    found = await db.exec(select(Staff.id, Staff.name).where(col(Staff.id).in_(set(numbers))))
    return {number: name for number, name in found.all() if number is not None}
