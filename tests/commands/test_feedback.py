"""Cases as an operator sees, exports, enters and publishes them."""

import csv
import io
import json
from datetime import timedelta

import pytest
from sqlmodel import select

from feedback import acts, history, listing
from records.cases import FeedbackState, Outcome
from records.tables import Trace

LATE, SECRET, MAPPED, FORMULA = "late", "secret", "mapped", "formula"


@pytest.fixture
def cases(operator) -> dict[str, str]:
    """Four cases in the ward: the code of each by what is special about it."""

    async def work(bench) -> dict[str, str]:
        await bench.hire()
        now, bench.now = bench.now, bench.now - timedelta(days=40)
        late = await bench.report("Đèn đường tắt ba đêm nay", category="lighting")
        bench.now = now
        secret = await bench.report("Cán bộ quầy 3 cộc lốc", category="staff_attitude", about_desk="mot_cua")
        mapped = await bench.report(
            "Nắp cống vỡ, gọi tôi 0900 000 123", latitude=15.9191234, longitude=108.0093456
        )
        formula = await bench.report("=HYPERLINK(1) rác chưa gom", category="waste", place="+84 hẻm")
        async with bench.work() as opened:
            hand = await bench.hand("dung")
            await acts.claim(opened, mapped.case.code, hand)
            await acts.remark(opened, mapped.case.code, hand, "đã gọi đội thoát nước")
        found = zip((LATE, SECRET, MAPPED, FORMULA), (late, secret, mapped, formula), strict=True)
        return {name: taken.case.code for name, taken in found}

    made: dict[str, str] = operator.inside(work)
    return made


def listed(operator, *more: str) -> list[str]:
    out = operator.does("feedback", "list", "--json", *more)
    return [json.loads(line)["code"] for line in out.splitlines()]


def exported(operator, form: str, *more: str):
    return operator.does("feedback", "export", f"--{form}", *more)


def erase(operator, code: str) -> None:
    async def work(bench) -> None:
        async with bench.work() as opened:
            case = await history.by_code(opened.db, code, lock=True)
            assert case is not None
            case.erased_at, case.text, case.public_text = bench.now, None, None

    operator.inside(work)


# --- list ------------------------------------------------------------------------------------------


def test_cases_are_listed_by_state_desk_day_and_lateness(operator, cases):
    assert listed(operator) == list(cases.values())
    assert listed(operator, "--state", "assigned") == [cases[MAPPED]]
    assert listed(operator, "--desk", "moi_truong") == [cases[FORMULA]]
    assert listed(operator, "--late") == [cases[LATE]]
    assert cases[LATE] not in listed(operator, "--since", "2026-01-01", "--state", "assigned")
    assert listed(operator, "--since", "2100-01-01") == []
    assert "QUÁ HẠN" in operator.does("feedback", "list", "--late")


def test_a_list_says_neither_who_nor_what_of_a_discreet_case(operator, cases):
    out = operator.does("feedback", "list", "--json") + operator.does("feedback", "list")
    assert cases[SECRET] in out
    assert "cộc lốc" not in out
    assert "0900" not in out
    assert "186729651760683225" not in out  # the account of whoever wrote


def test_a_wrong_filter_is_refused_in_words(operator):
    assert "do_thi" in operator.is_refused("feedback", "list", "--desk", "khong_co")
    assert "dạng 2026-11-20" in operator.is_refused("feedback", "list", "--since", "hôm qua")
    assert "Không có việc nào" in operator.does("feedback", "list")


# --- show ------------------------------------------------------------------------------------------


def test_an_operator_reads_the_whole_thread_and_the_look_is_written_down(operator, cases):
    told = json.loads(operator.does("feedback", "show", cases[MAPPED], "--json", "--by", "Trần Thị B"))
    assert told["text"] == "Nắp cống vỡ, gọi tôi 0900 000 123"
    assert [line["kind"] for line in told["thread"]] == ["said", "claimed", "internal"]
    assert told["thread"][-1]["by"] == "dung"

    async def traces(bench) -> list[tuple[str, str, str]]:
        async with bench.database.reading() as db:
            return [(row.who, row.what, row.object) for row in (await db.exec(select(Trace))).all()]

    assert ("Trần Thị B", "feedback.shown", cases[MAPPED]) in operator.inside(traces)


def test_the_page_is_told_in_words(operator, cases):
    page = operator.does("feedback", "show", cases[MAPPED])
    assert "Tình trạng: đang xử lý" in page
    assert "ghi chú · dung (nội bộ): đã gọi đội thoát nước" in page


def test_the_public_view_has_no_number_no_internal_line_and_no_officer(operator, cases):
    line = ("feedback", "show", cases[MAPPED], "--public", "--json")
    assert json.loads(operator.does(*line))["text"] == ""  # nobody has published it yet
    operator.does("feedback", "publish", cases[MAPPED], "--by", "ha.thi.my.hanh")
    out = operator.does(*line)
    assert json.loads(out)["text"] == "Nắp cống vỡ, gọi tôi [đã che số điện thoại]"
    for hidden in ("0900", "đội thoát nước", '"dung"', "108.00"):
        assert hidden not in out
    assert "Lời phản ánh: Nắp cống vỡ" in operator.does(*line[:-1])


def test_a_discreet_or_erased_case_has_no_public_view(operator, cases):
    assert "chỉ xem riêng" in operator.is_refused("feedback", "show", cases[SECRET], "--public")
    erase(operator, cases[MAPPED])
    assert "đã xóa" in operator.is_refused("feedback", "show", cases[MAPPED], "--public")


def test_a_code_read_wrongly_is_told_apart_from_one_that_is_not_there(operator, cases):
    code = cases[MAPPED]
    wrong = f"{code[:-1]}{(int(code[-1]) + 1) % 10}"
    assert "không khớp" in operator.is_refused("feedback", "show", wrong)
    assert "Không có việc" in operator.is_refused("feedback", "show", "chữ")
    assert code in operator.does("feedback", "show", code.lower().replace("-", " "))


# --- export ----------------------------------------------------------------------------------------


def test_a_sheet_opens_in_excel_and_runs_nothing(operator, cases):
    out = exported(operator, "csv")
    assert out.startswith(listing.BOM)
    rows = {row["Mã"]: row for row in csv.DictReader(io.StringIO(out.removeprefix(listing.BOM)))}
    assert list(rows) == list(cases.values())
    assert rows[cases[FORMULA]]["Nội dung (đã che số riêng)"] == "'=HYPERLINK(1) rác chưa gom"
    assert rows[cases[FORMULA]]["Nơi"] == "'+84 hẻm"
    assert rows[cases[LATE]]["Đang quá hạn"] == "có"
    assert (rows[cases[SECRET]]["Nội dung (đã che số riêng)"], rows[cases[SECRET]]["Nơi"]) == ("", "")
    assert "0900" not in out


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_begins_as_a_formula_does(first):
    assert listing.harmless(f"{first}x") == f"'{first}x"
    assert listing.harmless(f"x{first}") == f"x{first}"


def test_a_map_shows_only_what_is_for_everybody_and_no_house(operator, cases):
    operator.does("feedback", "publish", cases[MAPPED], "--by", "ha.thi.my.hanh")
    told = json.loads(exported(operator, "geojson"))
    assert told["type"] == "FeatureCollection"
    (feature,) = told["features"]
    assert (feature["id"], feature["type"]) == (cases[MAPPED], "Feature")
    assert feature["geometry"] == {"type": "Point", "coordinates": [108.009, 15.919]}
    assert feature["properties"]["text"] == "Nắp cống vỡ, gọi tôi [đã che số điện thoại]"
    assert json.loads(exported(operator, "geojson", "--since", "2100-01-01"))["features"] == []
    erase(operator, cases[MAPPED])
    assert json.loads(exported(operator, "geojson"))["features"] == []


def test_before_anybody_publishes_it_a_map_shows_where_and_of_which_field(operator, cases):
    (feature,) = json.loads(exported(operator, "geojson"))["features"]
    assert feature["id"] == cases[MAPPED]
    assert feature["properties"]["text"] == ""
    assert "Nắp cống" not in json.dumps(feature, ensure_ascii=False)


def test_a_discreet_case_with_a_place_is_not_on_the_map(operator):
    async def work(bench) -> None:
        await bench.hire()
        await bench.report("Cán bộ cộc lốc", category="staff_attitude", latitude=15.9, longitude=108.0)

    operator.inside(work)
    assert json.loads(exported(operator, "geojson"))["features"] == []


def test_scripts_read_every_case_in_one_document(operator, cases):
    rows = json.loads(exported(operator, "json"))
    assert [row["code"] for row in rows] == list(cases.values())
    assert {row["state"] for row in rows} <= {str(state) for state in FeedbackState}
    assert json.loads(exported(operator, "json", "--since", "2100-01-01")) == []
    assert "contact_phone" not in rows[0]


def test_an_answer_is_covered_before_it_leaves(operator, cases):
    async def answer(bench) -> None:
        async with bench.work() as work:
            hand = await bench.hand("dung")
            await acts.answer(work, cases[MAPPED], hand, "đã thay nắp, gọi 0900 000 123", Outcome.RESOLVED)

    operator.inside(answer)
    assert "0900" not in exported(operator, "json") + exported(operator, "csv")
    assert "đã xử lý" in exported(operator, "csv")


# --- enter -----------------------------------------------------------------------------------------


@pytest.fixture
def clerk(operator):
    operator.does(
        "staff", "invite", "--name", "Phùng Văn Dũng", "--may", "answer_feedback", "--desk", "mot_cua"
    )
    return "phung.van.dung"


def entered(operator, clerk: str, *line: str) -> dict[str, object]:
    out = operator.does("feedback", "enter", "--source", "phone", "--by", clerk, "--json", *line)
    told: dict[str, object] = json.loads(out)
    return told


def test_what_came_by_telephone_becomes_a_case_with_a_code_to_read_out(operator, clerk):
    told = entered(
        operator,
        clerk,
        *("--text", "Nắp cống vỡ trước trường mầm non, có người bị té"),
        *("--place", "hẻm 84 Nguyễn Trãi", "--phone", "0236 0000 555"),
    )
    assert (told["category"], told["level"], told["desk"]) == ("flood_drain", "urgent", "do_thi")
    assert told["key"]
    case = json.loads(operator.does("feedback", "show", str(told["code"]), "--json"))
    assert (case["source"], case["contact_phone"], case["entered_by"]) == ("phone", "02360000555", clerk)
    assert case["quarter"] == "kp3"


def test_what_is_read_out_stands_in_the_answer(operator, clerk):
    out = operator.does(
        *("feedback", "enter", "--source", "counter", "--by", clerk, "--text", "Đèn đường hỏng ba đêm nay")
    )
    assert "Xin đọc cả hai mã cho người dân" in out
    assert "Chưa có nơi xảy ra" in out


def test_a_complaint_about_a_unit_does_not_land_there(operator, clerk):
    text = "Cán bộ văn phòng cộc lốc với người già"
    told = entered(operator, clerk, "--text", text, "--category", "staff_attitude")
    assert told["desk"] != "van_phong"


def test_a_denunciation_is_neither_taken_nor_kept(operator, clerk, tmp_path):
    told = operator.is_refused(
        *("feedback", "enter", "--source", "counter", "--by", clerk),
        *("--text", "Tôi tố cáo ông X nhận hối lộ của dân"),
    )
    assert "đơn có ký tên" in told
    assert listed(operator) == []
    assert "ông X".encode() not in b"".join(path.read_bytes() for path in tmp_path.glob("ward.db*"))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (("--text", "ok"), "từ 5 đến"),
        (("--text", "Đèn đường hỏng", "--category", "khong_co"), "lighting"),
        (("--text", "Đèn đường hỏng", "--phone", "abc"), "Số điện thoại"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_what_can(operator, clerk, line, why):
    assert why in operator.is_refused("feedback", "enter", "--source", "phone", "--by", clerk, *line)
    assert listed(operator) == []


def test_only_staff_who_are_still_here_take_cases(operator, clerk):
    operator.does("staff", "disable", clerk, "--by", "B")
    line = ("feedback", "enter", "--source", "phone", "--text", "Đèn đường hỏng", "--by")
    assert "đã ngừng" in operator.is_refused(*line, clerk)
    assert "Không có cán bộ nào" in operator.is_refused(*line, "ai.do")


# --- publish ---------------------------------------------------------------------------------------


def published(operator, code: str) -> bool:
    told = json.loads(operator.does("feedback", "show", code, "--json"))
    return told["published_at"] is not None


def test_a_case_is_published_and_taken_back(operator, cases):
    code = cases[MAPPED]
    operator.does("feedback", "publish", code, "--by", "ha.thi.my.hanh")
    assert published(operator, code)
    assert "đã được công bố" in operator.is_refused("feedback", "publish", code, "--by", "ha.thi.my.hanh")
    told = json.loads(operator.does("feedback", "unpublish", code, "--by", "ha.thi.my.hanh", "--json"))
    assert told == {"code": code, "published_at": None, "by": "ha.thi.my.hanh"}
    assert "chưa được công bố" in operator.is_refused("feedback", "unpublish", code, "--by", "ha.thi.my.hanh")
    assert "nguyên vẹn" in operator.does("audit", "verify")


def test_what_is_discreet_or_erased_is_never_published(operator, cases):
    line = ("feedback", "publish", "--by", "doan.thi.minh.thinh")
    assert "chỉ xem riêng" in operator.is_refused(*line, cases[SECRET])
    erase(operator, cases[LATE])
    assert "đã xóa" in operator.is_refused(*line, cases[LATE])
    assert not published(operator, cases[SECRET])


def test_somebody_of_another_desk_publishes_nothing(operator, cases):
    told = operator.is_refused("feedback", "publish", cases[MAPPED], "--by", "kieu.thi.thanh.tam")
    assert "không thuộc phần anh/chị" in told
    assert "không phải mã việc đầy đủ" in operator.is_refused("feedback", "publish", "0417", "--by", "dung")
