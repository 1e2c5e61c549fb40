"""What Telegram is told about the bot before anybody writes: the way in, the menu, what it is."""

from collections.abc import Awaitable, Callable

from telegram import Bot, BotCommand

from bot.telegram.reading import KINDS

WEBHOOK_PATH = "/webhooks/telegram"
MAX_CONNECTIONS = 40  # side by side towards us; Telegram's own default

COMMANDS = tuple(
    BotCommand(command, description)
    for command, description in (
        ("batdau", "Bắt đầu, xem các việc trợ lý giúp được"),
        ("tracuu", "Tra cứu thủ tục: giấy tờ, lệ phí, thời hạn"),
        ("phananh", "Gửi phản ánh, kiến nghị"),
        ("tinhtrang", "Xem tình trạng hồ sơ, phản ánh"),
        ("canbo", "Gặp cán bộ phường"),
        ("dulieucuatoi", "Xem hoặc xóa dữ liệu của tôi"),
        ("ngungtin", "Ngừng nhận tin"),
    )
)
LANGUAGES = (None, "vi")  # phones in Vietnam are often set to English: everybody reads the same

DESCRIPTION = (
    "Đây là trợ lý số của Ủy ban nhân dân phường: một phần mềm trả lời tự động, không phải người.\n\n"
    "Trợ lý giúp ông/bà tra cứu thủ tục, gửi phản ánh và xem tình trạng hồ sơ.\n\n"
    "Không dùng khi khẩn cấp. Hãy gọi ngay 113 (công an), 114 (cháy, cứu nạn) hoặc 115 (cấp cứu).\n\n"
    "Xin đừng gửi mật khẩu, mã OTP, ảnh căn cước hay số tài khoản qua đây."
)

Step = Callable[[], Awaitable[object]]


def steps(bot: Bot, *, webhook_url: str | None, secret: str | None) -> list[Step]:
    """Return the calls to be made, the most important first; each may be repeated.

    Without *webhook_url* a webhook left over from before is taken away: it would stop polling.
    """

    async def open_the_way() -> object:
        if webhook_url is None:
            return await bot.delete_webhook()
        return await bot.set_webhook(
            webhook_url, secret_token=secret, allowed_updates=KINDS, max_connections=MAX_CONNECTIONS
        )

    async def show_the_menu() -> None:
        for language in LANGUAGES:
            await bot.set_my_commands(COMMANDS, language_code=language)

    async def say_what_we_are() -> None:
        for language in LANGUAGES:
            await bot.set_my_description(DESCRIPTION, language_code=language)

    return [open_the_way, show_the_menu, say_what_we_are]
