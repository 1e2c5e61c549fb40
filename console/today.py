"""Hôm nay: what is due, late, about to go out, to sign, unanswered; and how the channels are.

Every tile leads into the list it counts, and is shown only to whoever may go there. A page
asks the database the same few questions however much there is.
"""

from typing import Final

from aiohttp import web

from console import today_tiles
from console.door import Door, get
from console.pages import left, moment
from console.today_tiles import CASES, FINE, LATE, LETTERS, PLAIN, SOON, Group, Tile
from console.visit import Visit
from feedback import restricted, tally
from letters import tally as letter_tally
from records import pulse
from records.cases import Permission
from records.pulse import Road
from records.tables import ChannelName

ROADS: Final = (
    Permission.MANAGE_STAFF,
    Permission.ASSIGN_FEEDBACK,
    Permission.DRAFT_LETTERS,
    Permission.SIGN_LETTERS,
)
NAMES: Final = {
    ChannelName.TELEGRAM: "Telegram",
    ChannelName.ZALO: "Zalo OA",
    ChannelName.ZALO_BOT: "Zalo Bot",
    ChannelName.WEB: "Khung chat web",
}
UNANSWERED: Final = "/thu-tuc/cau-hoi"
REQUESTS: Final = "/nguoi-dan/yeu-cau"


async def today(visit: Visit) -> web.Response:
    """Show the first page."""
    groups = [await _cases(visit), await _letters(visit), await _asked(visit), await _house(visit)]
    return visit.page("today.html", groups=[group for group in groups if group.tiles])


async def _cases(visit: Visit) -> Group:
    if not visit.may(*CASES):
        return Group(title="Phản ánh")
    found = await tally.of(visit.cases, visit.person)
    tiles = today_tiles.of(today_tiles.OF_CASES, found, visit.may)
    kind = LATE if found.mine_late else PLAIN
    tiles.append(
        Tile(figure=found.mine, name="Của tôi", says=_mine(found), to="/phan-anh?cua=toi", kind=kind)
    )
    boxed = await restricted.waiting(visit.cases, visit.person)
    if boxed is not None:
        says = "Chỉ hai người được phân công mở được; mỗi lần xem đều ghi lại."
        tiles.append(Tile(figure=boxed, name="Tin kín", says=says, to="/phan-anh/hop-kin", kind=SOON))
    return Group(title="Phản ánh", tiles=tuple(tiles))


def _mine(found: tally.Tally) -> str:
    told = f"{found.mine_late} việc quá hạn, {found.mine_soon} việc sắp đến hạn."
    return told if found.mine else "Anh/chị không giữ việc nào đang mở."


async def _letters(visit: Visit) -> Group:
    if not visit.may(*LETTERS):
        return Group(title="Thư")
    found = await letter_tally.of(visit.db, visit.person, visit.now)
    doubt = Tile(
        figure=await pulse.doubtful(visit.db),
        name="Chưa rõ đã tới hay chưa",
        says="Hỏi người nhận rồi bấm đã tới, hoặc chưa tới để gửi lại.",
        to="/thu/chua-ro",
        kind=LATE,
    )
    return Group(title="Thư", tiles=(*today_tiles.of(today_tiles.OF_LETTERS, found, visit.may), doubt))


async def _asked(visit: Visit) -> Group:
    """What people asked in vain, and what they asked about their own data."""
    tiles: list[Tile] = []
    if visit.may(Permission.EDIT_KNOWLEDGE):
        total, week = await pulse.unanswered(visit.db, visit.now)
        says = f"{week} câu được hỏi trong tuần này. Thêm tên gọi thường ngày để lần sau tìm thấy."
        tiles.append(Tile(figure=total, name="Câu hỏi chưa có câu trả lời", says=says, to=UNANSWERED))
    if visit.may(Permission.IMPORT_RECORDS):
        count, late, due_at = await pulse.requests(visit.db, visit.now)
        says = (
            f"Hạn gần nhất {moment(due_at)}, {left(due_at, visit.now)}."
            if count
            else "Luật cho hai ngày làm việc để trả lời."
        )
        tiles.append(
            Tile(
                figure=count,
                name="Yêu cầu về dữ liệu cá nhân",
                says=says,
                to=REQUESTS,
                kind=LATE if late else SOON,
            )
        )
    return Group(title="Người dân hỏi", tiles=tuple(tiles))


# --- how the channels are ----------------------------------------------------------------------


async def _house(visit: Visit) -> Group:
    if not visit.may(*ROADS):
        return Group(title="Kênh liên lạc")
    roads = await pulse.roads(visit.db, visit.house.channel_names, visit.now)
    stopped = await pulse.cut_off(visit.db, visit.now)
    tiles = tuple(_road(visit, road) for road in roads)
    jobs = Tile(
        figure=sum(one.times for one in stopped),
        name="Việc tự động bị ngắt trong 24 giờ",
        says="Xem việc nào, lúc nào." if stopped else "Mọi việc tự động đều chạy đến nơi.",
        to="/kenh",
        kind=LATE,
    )
    return Group(title="Kênh liên lạc", tiles=(*tiles, jobs))


def _road(visit: Visit, road: Road) -> Tile:
    ill = road.is_ill(visit.now)
    return Tile(
        figure="Cần xem" if ill else "Chạy tốt",
        name=NAMES[road.channel],
        says=advice(visit, road),
        to="/kenh",
        kind=LATE if ill else FINE,
    )


def advice(visit: Visit, road: Road) -> str:
    """Say in one sentence how a channel is, and what to do when it is not well."""
    if road.token_trouble:
        return "Khóa kết nối bị từ chối: người quản trị cần cấp khóa mới."
    if road.token_until is not None and road.token_until <= visit.now:
        return f"Khóa kết nối hết hạn từ {moment(road.token_until)}: người quản trị cần xem."
    if road.closed_until is not None:
        return f"Kênh tạm đóng đến {moment(road.closed_until)}, sau đó tự gửi tiếp."
    if road.oldest_due is not None and visit.now - road.oldest_due > pulse.SLOW:
        return f"Có tin chờ gửi từ {moment(road.oldest_due)}: báo người quản trị."
    if road.heard_at is not None:
        return f"Tin gần nhất của người dân: {moment(road.heard_at)}."
    return "Chưa có tin nào của người dân."


async def roads_page(visit: Visit) -> web.Response:
    """Show every channel, the jobs that were cut off and the last backup."""
    roads = await pulse.roads(visit.db, visit.house.channel_names, visit.now)
    return visit.page(
        "today_roads.html",
        roads=[(NAMES[one.channel], one, one.is_ill(visit.now), advice(visit, one)) for one in roads],
        stopped=await pulse.cut_off(visit.db, visit.now),
        backup=await pulse.backed_up(visit.db),
    )


DOORS: tuple[Door, ...] = (get("", today), get("/kenh", roads_page, *ROADS))
