"""The tiles of the first page: what each is called, what it asks one to do, where it leads, who sees it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from records.cases import Permission

CASES: Final = (Permission.ANSWER_FEEDBACK, Permission.ASSIGN_FEEDBACK)
LETTERS: Final = (Permission.DRAFT_LETTERS, Permission.SIGN_LETTERS)
LATE, SOON, FINE, PLAIN = "late", "soon", "fine", ""


@dataclass(frozen=True, kw_only=True)
class Tile:
    """One thing to know: how many, what it is, what to do; `kind` colours it where there is any."""

    figure: int | str
    name: str
    says: str
    to: str
    kind: str = PLAIN

    @property
    def colour(self) -> str:
        """Return the kind, or nothing where nothing waits."""
        return self.kind if self.figure else PLAIN


@dataclass(frozen=True, kw_only=True)
class Group:
    """Tiles that belong together."""

    title: str
    tiles: tuple[Tile, ...] = ()


Row = tuple[
    str, str, str, str, str, tuple[Permission, ...]
]  # what is counted, name, says, to, kind, who sees it

OF_CASES: Final[tuple[Row, ...]] = (
    (
        "late",
        "Quá hạn",
        "Trả lời ngay, hoặc gia hạn một lần kèm lý do.",
        "/phan-anh?han=qua-han",
        LATE,
        CASES,
    ),
    (
        "today",
        "Đến hạn hôm nay",
        "Cần trả lời trước giờ ghi ở mỗi việc.",
        "/phan-anh?han=hom-nay",
        SOON,
        CASES,
    ),
    (
        "soon",
        "Sắp đến hạn",
        "Đến hết ngày làm việc tới, gồm cả hôm nay.",
        "/phan-anh?han=sap-den",
        SOON,
        CASES,
    ),
    (
        "unclaimed",
        "Chưa ai giữ",
        "Nhận việc, hoặc giao cho người phụ trách.",
        "/phan-anh?cua=chua",
        SOON,
        CASES,
    ),
    ("reopened", "Người dân mở lại", "Người dân báo chưa xong.", "/phan-anh?tinh-trang=mo-lai", SOON, CASES),
    (
        "waiting",
        "Chờ người dân",
        "Đồng hồ tạm dừng; lâu thì gọi điện.",
        "/phan-anh?han=tam-dung",
        PLAIN,
        CASES,
    ),
)
OF_LETTERS: Final[tuple[Row, ...]] = (
    (
        "to_check",
        "Chờ soát",
        "Đọc thư cạnh bản ghi gốc rồi bấm soát.",
        "/thu?muc=cho-soat",
        SOON,
        LETTERS[:1],
    ),
    ("incomplete", "Còn thiếu", "Bổ sung thì thư được soạn tiếp.", "/thu?muc=con-thieu", SOON, LETTERS[:1]),
    ("to_sign", "Chờ ký", "Đã có người khác soát; chia buồn đứng đầu.", "/thu?muc=cho-ky", SOON, LETTERS[1:]),
    ("going", "Sắp gửi đi", "Rời phường trong 24 giờ; còn dừng được.", "/thu?muc=dang-gui", PLAIN, LETTERS),
    ("halted", "Đang dừng", "Soạn lại, gửi tiếp hoặc bỏ hẳn.", "/thu?muc=da-dung", SOON, LETTERS),
)


def of(rows: Sequence[Row], counted: object, may: Callable[..., bool]) -> list[Tile]:
    """Return the tiles of *rows* for whoever *may* see them, with the numbers of *counted*."""
    return [
        Tile(figure=getattr(counted, what), name=name, says=says, to=to, kind=kind)
        for what, name, says, to, kind, needs in rows
        if may(*needs)
    ]
