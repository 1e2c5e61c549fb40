"""`ward run`, `ward demo`: open the office and keep it open until told to stop."""

import argparse
import asyncio
import os
import signal
from typing import Any

from bot import app, demo, logs, settings

Nouns = Any  # argparse keeps the type of its sub-parsers to itself


def add(nouns: Nouns) -> None:
    """Add the commands to the line."""
    for name, text in (
        ("run", "mở mọi kênh đã cài đặt, khung chat web và đồng hồ"),
        ("demo", "như run, với phường mẫu"),
    ):
        command = nouns.add_parser(name, help=text, description=text)
        command.set_defaults(run=run, demo=name == "demo")


async def run(asked: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT; then finish what was begun."""
    if asked.demo:
        os.environ["WARD_WARD_DIR"] = str(settings.DEMO_WARD)
    config = settings.load()
    logs.set_up(config.log_level)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    async with app.build(config) as office:
        _greet(office)
        if demo.is_demo(config):
            _hand_out(await demo.hire(office.database, office.shelf.ward, office.clock()), office)
        print("  Dừng: Ctrl+C", flush=True)
        await stop.wait()
    return 0


def _greet(office: app.Office) -> None:
    """Print where the office can be reached."""
    base = f"http://{office.settings.web.host}:{office.port}"
    print(f"{office.shelf.ward.title}: Trợ lý số đang mở.", flush=True)
    print(f"  Khung chat cho người dân: {base}/", flush=True)
    print(f"  Trang làm việc, cán bộ:   {base}/console", flush=True)
    print(f"  Tình trạng máy chủ:       {base}/readyz", flush=True)
    print(f"  Kênh đang mở:             {', '.join(office.channels)}", flush=True)


def _hand_out(keys: list[demo.Key], office: app.Office) -> None:
    """Print how to come in as each of the demo ward's people."""
    if not keys:
        print("  Vào vai cán bộ:           ward staff invite --help", flush=True)
        return
    base = f"http://{office.settings.web.host}:{office.port}"
    print(
        "  Vào vai cán bộ mẫu: mỗi người một mã, dùng một lần trong 24 giờ, theo một trong hai cách:",
        flush=True,
    )
    print(f"    mở {base}/console/invite/MÃ trong trình duyệt để đặt mật khẩu;", flush=True)
    print(
        "    hoặc gửi dòng /canbo MÃ cho Trợ lý số qua Telegram hoặc Zalo (khung chat web không nhận).",
        flush=True,
    )
    names = {desk.code: desk.name for desk in office.shelf.ward.desks.desks}
    for key in keys:
        desk = names.get(key.person.desk, "Lãnh đạo UBND")
        print(f"    {key.code}  {key.person.name}, {desk}", flush=True)
