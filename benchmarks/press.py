"""Letters a second on paper, against the bare typst engine with the same layout and data in the same run.

Every letter is another person's, so that nothing comes out of the engine's memory. "bare" is
handed the finished JSON and only compiles; ours lays the sheet out, checks every letter
against the face, refuses warnings and keeps PDF to the archive standard.
"""

import argparse
import asyncio
import json
import resource
import statistics
from collections.abc import Sequence
from datetime import date
from time import perf_counter
from typing import Literal

import typst

from letters.paper import Capacity, Letterhead, LetterPaper, Sender, Signatory, Status
from letters.press import LAYOUTS, Press, laid_out
from letters.render import load_templates, render

LETTERS = ("apology_due_soon", "marriage_congratulation", "condolence")
DPI = 144
SENDER = Sender(
    ward_name="phường An Thịnh",
    committee="Ủy ban nhân dân phường An Thịnh",
    contact_phone="0236 0000 100",
    hotline="0236 0000 000",
    signatory=Signatory(capacity=Capacity.CHAIRPERSON, name="Nguyễn Văn Mẫu"),
)
HEAD = Letterhead(agency=("ỦY BAN NHÂN DÂN", "PHƯỜNG AN THỊNH"), place="An Thịnh")
FAMILY, GIVEN = ("Lê", "Phạm", "Đỗ", "Vũ", "Trần", "Hoàng"), ("Mẫu", "Thử", "Ví Dụ", "Minh Họa", "Kiểm Tra")

Format = Literal["pdf", "png"]
FORMATS: tuple[Format, ...] = ("pdf", "png")


def papers(name: str, numbers: Sequence[int]) -> list[LetterPaper]:
    """Write one letter a number, each to somebody else."""
    template = load_templates().get(name)
    return [
        LetterPaper(
            text=render(template, facts(number), SENDER),
            head=HEAD,
            dated=date(2026, 11, 20),
            status=Status.FINAL,
            number=number,
            symbol="TC-UBND",
            qr=f"xm {number:04X}-9QX2",
            qr_note="Kiểm tra thư: nhắn mã này cho phường",
        )
        for number in numbers
    ]


def facts(number: int) -> dict[str, object]:
    """Return what every one of the letters needs."""
    name = f"{FAMILY[number % 6]} Văn {GIVEN[number % 5]} {GIVEN[number // 5 % 5]}"
    centre = "Trung tâm Phục vụ hành chính công phường"
    return {
        "recipient": f"ông {name}",
        "you": "ông",
        "unit": centre,
        "place": centre,
        "procedure_name": "Đăng ký khai sinh",
        "dossier_code": f"H99.12-261103-{number:05d}",
        "taken_on": date(2026, 11, 3),
        "original_due_on": date(2026, 11, 24),
        "new_due_on": date(2026, 11, 30),
        "specific_reason": "bản trích lục từ nơi cư trú cũ đến chậm năm ngày",
        "officer_name": "Vũ Thị Mẫu",
        "officer_phone": "0236 0000 101",
        "groom_name": name,
        "bride_name": f"Phạm Thị {GIVEN[number // 25 % 5]}",
        "certificate_date": date(2026, 11, 20),
        "honorific": "ông",
        "deceased_name": name,
        "death_date": date(2026, 11, 12),
        "age_by_custom": 60 + number % 40,
    }


class Bare:
    """The yardstick: the same engine, handed finished JSON; it compiles and nothing else."""

    def __init__(self, family: str) -> None:
        fonts = typst.Fonts(include_system_fonts=False)
        self._typst = typst.Compiler(font_paths=fonts, ignore_system_fonts=True, root=LAYOUTS)
        self._family = family

    def ready(self, paper: LetterPaper) -> tuple[str, dict[str, str]]:
        """Prepare what is not measured."""
        layout, data = laid_out(paper)
        return layout, {"data": json.dumps(data, ensure_ascii=False), "face": self._family}

    def rate(self, sheets: Sequence[LetterPaper], kind: Format) -> float:
        """Return letters a second."""
        waiting = [self.ready(paper) for paper in sheets]
        began = perf_counter()
        for layout, inputs in waiting:
            self._typst.compile(LAYOUTS / layout, format=kind, ppi=DPI, sys_inputs=inputs)
        return len(sheets) / (perf_counter() - began)


def rate(press: Press, sheets: Sequence[LetterPaper], kind: Format) -> float:
    """Return letters a second through our press."""
    began = perf_counter()
    for paper in sheets:
        if kind == "pdf":
            press.pdf(paper)
        else:
            press.png(paper, DPI)
    return len(sheets) / (perf_counter() - began)


def measure(name: str, kind: Format, count: int, rounds: int) -> tuple[float, float]:
    """Return the medians of ours and bare, taken in turns."""
    press = Press()
    engine = Bare(press.family)
    ours, theirs = [], []
    first = 1
    for _ in range(rounds):
        ours.append(rate(press, papers(name, range(first, first + count)), kind))
        theirs.append(engine.rate(papers(name, range(first + count, first + 2 * count)), kind))
        first += 2 * count
    return statistics.median(ours), statistics.median(theirs)


def words(name: str, count: int) -> float:
    """Return how many letters a second are written, before any paper."""
    template = load_templates().get(name)
    known = [facts(number) for number in range(count)]
    began = perf_counter()
    for one in known:
        render(template, one, SENDER)
    return count / (perf_counter() - began)


async def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=60, help="letters in one round")
    parser.add_argument("--rounds", type=int, default=3)
    told = parser.parse_args(arguments)
    print("| letter | as | ours, a second | bare typst | ours / bare | words alone |")
    print("|---|---|---|---|---|---|")
    for name in LETTERS:
        for kind in FORMATS:
            count = told.count if kind == "pdf" else max(1, told.count // 3)
            ours, theirs = await asyncio.to_thread(measure, name, kind, count, told.rounds)
            written = words(name, 200)
            print(f"| {name} | {kind} | {ours:.0f} | {theirs:.0f} | {ours / theirs:.2f} | {written:.0f} |")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


if __name__ == "__main__":
    asyncio.run(main())
