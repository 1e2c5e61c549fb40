"""Three forms as Zalo approves them, in a ward's file, and the platform that takes them."""

import asyncio
from contextlib import asynccontextmanager

from bot.sender import Sender
from bot.zalo import ZaloChannel
from letters.policy import load_policy
from tests.channels.zalo_office import LAN, settings_for
from tests.peers import ZaloPeer

BY_USER = "v3.0/oa/message/template"
HEAD = """responsible = "Văn phòng"
checked_on = 2026-11-20
symbol = "TC-UBND"
mourning_days = 49
trial = true
"""
FORMS = """
[[zbs]]
kind = "result_ready"
template_id = "301"
approved_on = 2026-11-02
tag = 1
[[zbs.parameters]]
name = "ma_ho_so"
fact = "code"
longest = 30
[[zbs.parameters]]
name = "noi_nhan"
fact = "place"
longest = 50

[[zbs]]
kind = "apology"
template_id = "302"
approved_on = 2026-11-02
tag = 2
[[zbs.parameters]]
name = "ma_ho_so"
fact = "code"
longest = 30
[[zbs.parameters]]
name = "ngay_hen_moi"
fact = "new_due_on"
longest = 20

[[zbs]]
kind = "thanks"
template_id = "303"
approved_on = 2026-11-02
tag = 2
[[zbs.parameters]]
name = "ho_ten"
fact = "recipient"
longest = 30
"""
APOLOGY = {
    "dossier_code": "H99.12-261103-0007",
    "procedure_name": "Đăng ký khai sinh",
    "applicant_name": "Trần Thị Mẫu",
    "applicant_born": "1970-05-01",
    "applicant_address": "7 Lê Lợi",
    "group": "TDP 5",
    "taken_on": "2026-11-03",
    "original_due_on": "2026-11-24",
    "new_due_on": "2026-11-30",
    "specific_reason": "bản trích lục từ nơi cư trú cũ đến chậm",
    "officer_name": "Vũ Thị Mẫu",
    "officer_phone": "0236 0000 101",
}
THANKS = {
    "giver": "Trần Thị Mẫu",
    "giver_born": "1970-05-01",
    "giver_address": "7 Lê Lợi",
    "group": "TDP 5",
    "goods": "hiến 42 mét vuông đất",
    "cause": "mở rộng ngõ 12",
    "received_on": "2026-11-18",
    "benefit": "xe cứu thương đã vào được tới cuối ngõ",
}


def policy_in(folder, text):
    (folder / "letters.toml").write_text(text, "utf-8")
    return load_policy(folder)


@asynccontextmanager
async def zalo(bench, *, paid=100):
    """The platform, the ward's account there, and who carries deliveries out."""
    async with ZaloPeer() as peer:
        channel = ZaloChannel(
            settings_for(peer), bench.database, media_path=bench.media.path, clock=lambda: bench.now
        )
        peer.person(LAN)
        peer.template("301", "Hồ sơ {ma_ho_so} có kết quả, nhận tại {noi_nhan}.", ma_ho_so=30, noi_nhan=50)
        peer.template(
            "302",
            "Hồ sơ {ma_ho_so} hẹn lại {ngay_hen_moi}. Nhắn một lời để nhận thư.",
            ma_ho_so=30,
            ngay_hen_moi=20,
        )
        peer.template("303", "Phường có thư cảm ơn {ho_ten}. Nhắn một lời để nhận thư.", ho_ten=30)
        sender = Sender(bench.database, channel, clock=lambda: bench.now, counted_per_month=paid)
        try:
            yield peer, sender
        finally:
            await channel.stop()


async def carried(bench, sender):
    """Send what may leave within a few seconds, and wait until it is recorded."""
    for _ in range(4):
        bench.wait(seconds=1)
        await sender.drain()
        if sender._flying:
            await asyncio.wait(sender._flying)
