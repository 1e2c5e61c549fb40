"""The reports: counted from what happened, nothing made up, taken home as a book and as a paper."""

from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from tests.conftest import WallClock
from tests.console.bench import Console
from tests.feedback.some_cases import fill

CHAIR = "doan.thi.minh.thinh"


async def test_a_month_is_shown_with_its_charts_and_taken_home(console: Console, clock: WallClock) -> None:
    await fill(console.office.database, clock)
    chair = await console.enter(CHAIR)
    page = await chair.get("/bao-cao", params={"ky": "quy", "nam": "2026", "thang": "11"})
    assert "Báo cáo quý IV/2026" in page.text
    assert '<p class="figure">60,0 %</p>' in page.text
    assert "Chưa tìm được" in page.text
    assert "<svg" in page.text

    book = await chair.get("/bao-cao.xlsx", params={"ky": "quy", "nam": "2026", "thang": "11"})
    sheets = CalamineWorkbook.from_filelike(BytesIO(book.body))
    rows = sheets.get_sheet_by_name("Hỏi thủ tục").to_python()
    assert ["Trả lời ngay", 3.0] in rows
    paper = await chair.get("/bao-cao.pdf", params={"ky": "quy", "nam": "2026", "thang": "11"})
    assert paper.body.startswith(b"%PDF")


async def test_where_nothing_was_counted_no_zero_is_made_up(console: Console) -> None:
    chair = await console.enter(CHAIR)
    page = await chair.get("/bao-cao", params={"ky": "nam", "nam": "2025"})
    assert "chưa có số liệu" in page.text
    assert '<p class="figure">0' not in page.text


@pytest.mark.parametrize("odd", ["ky=tuan", "nam=99999", "thang=0", "thang=13", "nam=abc", "nam=0000"])
async def test_a_nonsense_time_is_the_nearest_there_is(console: Console, odd: str) -> None:
    chair = await console.enter(CHAIR)
    assert (await chair.get(f"/bao-cao?{odd}")).status == 200
