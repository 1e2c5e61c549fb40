"""What residents asked in vain becomes an everyday name: driven as a clerk would, from the command line."""

import asyncio
import json
from datetime import UTC, date, datetime

import pytest
from sqlmodel import select

from bot.__main__ import main
from knowledge import care, catalogue
from knowledge.catalogue import Catalogue
from knowledge.fold import fold
from knowledge.procedure import Body, Procedure
from records import questions, schema
from records.database import Database
from records.tables import Trace

NOW = datetime(2026, 11, 20, 8, 40, tzinfo=UTC)
BIRTH = "1.001193"


@pytest.fixture
def office(sqlite_url, monkeypatch, tmp_path):
    monkeypatch.setenv("WARD_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("WARD_DATA_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return sqlite_url


def in_database(url, work):
    async def run():
        database = Database(url)
        try:
            await schema.upgrade(database)
            async with database.writing() as db:
                return await work(db)
        finally:
            await database.close()

    return asyncio.run(run())


def asked_in_vain(url, *said):
    async def work(db):
        for text in said:
            await questions.note(db, text, fold(text), NOW)

    in_database(url, work)


def told(capsys, *line):
    assert main([*line, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refused(capsys, *line):
    assert main(list(line)) == 1
    return capsys.readouterr().err


def card(code, name, *, aliases=(), full=False, successors=(), checked_on=date(2026, 11, 20)):
    return Procedure(
        code=code,
        name=name,
        short_name=name,
        field="Hộ tịch",
        field_slug="ho_tich",
        handler=Body.WARD,
        source="https://dichvucong.gov.vn",
        as_of="2026-07",
        checked_on=checked_on,
        aliases=aliases,
        full=full,
        successors=successors,
    )


def test_questions_that_ask_the_same_stand_together(office, capsys):
    asked_in_vain(office, "làm thẻ thư viện", "mượn sách ở phường", "lam the thu vien a", "làm thẻ thư viện")
    found = told(capsys, "knowledge", "unanswered")
    assert [(group["question"], group["times"], group["others"]) for group in found] == [
        ("làm thẻ thư viện", 3, ["lam the thu vien a"]),
        ("mượn sách ở phường", 1, []),
    ]
    assert found[0]["last"] == "2026-11-20"
    assert main(["knowledge", "unanswered"]) == 0
    assert "3 lần · gần nhất 2026-11-20 · làm thẻ thư viện" in capsys.readouterr().out


@pytest.mark.usefixtures("office")
def test_nothing_asked_in_vain_is_said_so(capsys):
    assert main(["knowledge", "unanswered"]) == 0
    assert "Chưa có câu hỏi nào" in capsys.readouterr().out


def test_a_clerk_names_a_procedure_and_the_next_question_finds_it(office, capsys):
    name = "rước cục vàng về dinh"
    assert told(capsys, "ask", name)["verdict"] != "sure"
    made = told(capsys, "knowledge", "name", BIRTH, name, "--by", "Trần Thị B")
    assert (made["code"], made["by"]) == (BIRTH, "Trần Thị B")
    found = told(capsys, "ask", name)
    assert (found["verdict"], found["matches"][0]["code"]) == ("sure", BIRTH)

    async def traces(db):
        return [(row.who, row.what, row.object) for row in (await db.exec(select(Trace))).all()]

    assert ("Trần Thị B", "name", f"procedure:{BIRTH}") in in_database(office, traces)


@pytest.mark.parametrize(
    ("code", "name", "why"),
    [
        ("9.999999", "khai sinh kiểu mới", "không có mã 9.999999"),
        (BIRTH, "dang ky khai tu", "đã là tên gọi của 1.000656"),
        (BIRTH, "đăng ký khai sinh", "không cần thêm"),
        (BIRTH, "x", "từ 3 đến 100 ký tự"),
        (BIRTH, "khai sinh gọi 0912 345 678", "dãy số"),
    ],
)
@pytest.mark.usefixtures("office")
def test_a_name_that_cannot_be_is_refused(capsys, code, name, why):
    assert why in refused(capsys, "knowledge", "name", code, name, "--by", "Trần Thị B")


@pytest.mark.usefixtures("office")
def test_asking_makes_no_database(capsys, tmp_path):
    assert told(capsys, "ask", "đăng ký khai sinh")["matches"][0]["code"] == BIRTH
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("office")
def test_asking_an_empty_database_asks_the_bundled_catalogue(capsys, tmp_path):
    (tmp_path / "ward.db").touch()
    assert told(capsys, "ask", "đăng ký khai sinh")["matches"][0]["code"] == BIRTH


@pytest.mark.usefixtures("office")
def test_a_given_file_is_asked_instead_of_the_edition(capsys, tmp_path):
    path = tmp_path / "mot.json"
    path.write_text(Catalogue((card("1.000001", "Cấp thẻ thư viện"),)).document(), "utf-8")
    found = told(capsys, "ask", "thẻ thư viện", "--knowledge", str(path))
    assert found["matches"][0]["code"] == "1.000001"


@pytest.mark.usefixtures("office")
def test_a_match_is_explained(capsys):
    found = told(capsys, "ask", "đăng ký lại khai sinh", "--explain")
    assert found["reasons"][0]["code"] == found["matches"][0]["code"]
    assert {"khai", "sinh"} <= set(found["reasons"][0]["answered"])
    assert main(["ask", "đăng ký lại khai sinh", "--explain"]) == 0
    assert "khớp với tên: “" in capsys.readouterr().out


@pytest.mark.usefixtures("office")
def test_what_is_done_elsewhere_is_none_and_named(capsys):
    found = told(capsys, "ask", "làm hộ chiếu")
    assert found["verdict"] == "none"
    assert found["instead"] == {"kind": "elsewhere", "key": "ho_chieu", "name": "Làm hộ chiếu phổ thông"}
    assert main(["ask", "làm hộ chiếu"]) == 0
    assert "việc của nơi khác: Làm hộ chiếu" in capsys.readouterr().out


@pytest.mark.usefixtures("office")
def test_check_warns_of_what_is_no_defect_yet(capsys, tmp_path):
    cards = Catalogue(
        (
            card("1.000001", "Cấp thẻ thư viện", aliases=("làm thẻ thư viện mới",), successors=("1.000002",)),
            card("1.000002", "Mượn sách", aliases=("lam the thu vien moi",), checked_on=date(2024, 1, 2)),
        )
    )
    path = tmp_path / "hai.json"
    path.write_text(cards.document(), "utf-8")
    warnings = "\n".join(told(capsys, "knowledge", "check", str(path))["warnings"])
    assert "rất gần" in warnings
    assert "1.000002 · thẻ kiểm tra lần cuối 02/01/2024" in warnings
    assert "1.000001 · đã có thủ tục thay thế 1.000002" in warnings
    assert main(["knowledge", "check", str(path)]) == 0
    assert "nên xem lại: 3" in capsys.readouterr().out


def test_the_bundled_cards_are_fresh_and_not_replaced():
    found = care.warnings(catalogue.load(catalogue.BUNDLED), date(2026, 11, 20))
    assert [notice for notice in found if "tên gọi" not in notice.what] == []


@pytest.mark.usefixtures("office")
def test_an_import_keeps_the_everyday_names_of_cards_it_only_names(capsys, tmp_path):
    name = "rước cục vàng về dinh"
    told(capsys, "knowledge", "name", "1.001699", name, "--by", "B")
    bundled = catalogue.load(catalogue.BUNDLED)
    known = bundled.get("1.001699")
    brief = next(item for item in bundled.procedures if not item.full and item.aliases)
    renamed = next(item for item in bundled.procedures if item.code == BIRTH)
    assert known is not None
    bare = Catalogue(
        (card(known.code, known.name), card(brief.code, brief.name), card(BIRTH, renamed.name + " mới"))
    )
    path = tmp_path / "ten.json"
    path.write_text(bare.document(), "utf-8")
    told(capsys, "knowledge", "import", str(path))
    out = tmp_path / "ra.json"
    told(capsys, "knowledge", "export", str(out))
    kept = {item.code: item for item in catalogue.load(out).procedures}
    assert name in kept[known.code].aliases
    assert kept[brief.code].aliases == brief.aliases
    assert kept[BIRTH].aliases == ()
