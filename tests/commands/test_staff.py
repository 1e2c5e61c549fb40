"""Staff come, bind their chat, go on leave and go: typed by an operator, traced with who decided it."""

import json

import pytest
from sqlmodel import select

from bot import demo
from bot.settings import DEMO_WARD, Settings
from feedback import acts
from knowledge.calendar import here
from knowledge.logins import login_of
from records import staff
from records.cases import Permission
from records.tables import Address, ChannelName, Trace
from tests.feedback.bench import WARD

KHANG = ("staff", "invite", "--name", "Cao Xuân Khang", "--may", "answer_feedback", "--desk", "do_thi")
PHONE = Address(ChannelName.ZALO, "khang-dien-thoai")


def invited(operator, *line: str) -> dict[str, object]:
    told: dict[str, object] = json.loads(operator.does(*line, "--json"))
    return told


def everybody(operator) -> dict[str, dict[str, object]]:
    rows = [json.loads(line) for line in operator.does("staff", "list", "--json").splitlines()]
    return {row["login"]: row for row in rows}


def traces(operator) -> list[tuple[str, str, str]]:
    async def work(bench) -> list[tuple[str, str, str]]:
        async with bench.database.reading() as db:
            return [(row.who, row.what, row.object) for row in (await db.exec(select(Trace))).all()]

    found: list[tuple[str, str, str]] = operator.inside(work)
    return found


def use(operator, code: object) -> bool:
    """Do what the bot does with a code in a private chat."""

    async def work(bench) -> bool:
        async with bench.database.writing() as db:
            found = await staff.use_code(db, str(code), bench.now)
            if found is not None and found.staff_id is not None:
                await staff.bind(db, PHONE, found.staff_id, bench.now)
            return found is not None

    return bool(operator.inside(work))


def test_a_person_is_invited_and_binds_a_chat_with_the_code_once(operator):
    told = invited(operator, *KHANG, "--by", "Trần Thị B")
    assert (told["login"], told["desk"], told["permissions"]) == (
        "cao.xuan.khang",
        "do_thi",
        ["answer_feedback"],
    )
    assert told["send"] == f"/canbo {told['code']}"
    assert use(operator, told["code"])
    assert not use(operator, told["code"])
    assert everybody(operator)["cao.xuan.khang"]["accounts"] == ["zalo"]
    assert ("Trần Thị B", "staff.invited", "staff:1") in traces(operator)


def test_the_code_is_told_in_words_and_nowhere_kept(operator, tmp_path):
    out = operator.does(*KHANG)
    code = out.split("/canbo ")[1].split()[0]
    assert "trong 24 giờ" in out
    assert len(code) == staff.CODE_LENGTH
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("ward.db*"))
    assert code.encode() not in kept


def test_inviting_again_gives_a_new_code_and_sets_what_they_may_do(operator):
    first = invited(operator, *KHANG)
    again = invited(
        operator, *KHANG[:4], "--login", "cao.xuan.khang", "--may", "answer_feedback,assign_feedback"
    )
    assert again["code"] != first["code"]
    row = everybody(operator)["cao.xuan.khang"]
    assert row["permissions"] == ["answer_feedback", "assign_feedback"]
    assert row["desk"] == "do_thi"  # not named this time, so it stays


def test_another_person_whose_name_gives_the_same_login_is_not_mistaken_for_the_first(operator):
    operator.does("staff", "invite", "--name", "Lê Văn Dũng", "--may", "answer_feedback")
    told = operator.is_refused("staff", "invite", "--name", "Lê Văn Dựng", "--may", "sign_letters")
    assert "đã là của Lê Văn Dũng" in told
    operator.does(
        "staff", "invite", "--name", "Lê Văn Dựng", "--may", "answer_feedback", "--login", "le.van.dung2"
    )
    assert everybody(operator)["le.van.dung"]["permissions"] == ["answer_feedback"]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (("--name", "A B", "--may", "bay"), "sign_letters: ký thư"),
        (("--name", "A B", "--may", ","), "Chưa ghi quyền nào"),
        (("--name", "A B", "--may", "answer_feedback", "--desk", "xx"), "do_thi: Tổ Quản lý đô thị"),
        (("--name", "A B", "--may", "answer_feedback", "--login", "A b"), "không dấu"),
        (("--name", "…", "--may", "answer_feedback"), "Họ tên trống"),
        (("--name", "A" * 101, "--may", "answer_feedback"), "Họ tên trống hoặc dài quá"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(operator, line, why):
    assert why in operator.is_refused("staff", "invite", *line)
    assert everybody(operator) == {}


def test_who_leaves_loses_everything_and_their_open_cases_are_named(operator):
    async def hold(bench) -> str:
        await bench.hire()
        taken = await bench.report()
        async with bench.work() as work:
            await acts.claim(work, taken.case.code, await bench.hand("dung"))
        return str(taken.case.code)

    code = operator.inside(hold)
    assert code in operator.does("staff", "disable", "dung", "--by", "Trần Thị B")
    row = everybody(operator)["dung"]
    assert (row["permissions"], row["accounts"]) == ([], [])
    assert row["disabled_at"]
    assert "đã ngừng" in operator.does("staff", "list").splitlines()[-1]
    assert ("Trần Thị B", "staff.disabled", "staff:2") in traces(operator)
    assert "đã ngừng" in operator.is_refused("staff", "disable", "dung", "--by", "Trần Thị B")


def test_nobody_is_disabled_without_a_name_behind_it(operator):
    operator.does(*KHANG)
    with pytest.raises(SystemExit) as ended:
        operator.run("staff", "disable", "cao.xuan.khang")
    assert ended.value.code == 2
    assert "Không có cán bộ nào" in operator.is_refused("staff", "disable", "ai.do", "--by", "B")


def test_a_code_for_a_group_is_for_a_desk_that_exists(operator):
    told = json.loads(operator.does("staff", "room", "do_thi", "--json"))

    async def desk(bench) -> str:
        async with bench.database.reading() as db:
            return await staff.desk_of_code(db, told["code"], bench.now)

    assert operator.inside(desk) == "do_thi"
    assert ("ward", "staff.room", "desk:do_thi") in traces(operator)
    assert "mot_cua: Trung tâm" in operator.is_refused("staff", "room", "khong_co")


def test_whoever_is_away_has_somebody_who_stands_in(operator):
    operator.does(*KHANG)
    operator.does("staff", "invite", "--name", "Tạ Hữu Phước", "--may", "answer_feedback")
    said = operator.does(
        "staff", "absent", "cao.xuan.khang", "2030-01-07", "2030-01-09", "--deputy", "ta.huu.phuoc"
    )
    assert "thứ Hai 07/01/2030" in said
    assert "người thay: Tạ Hữu Phước" in said

    async def there(bench) -> str:
        async with bench.database.reading() as db:
            person = await staff.by_login(db, "cao.xuan.khang")
            present = await staff.present(db, person, here(bench.now).date().replace(2030, 1, 9))
            return present.login if present else ""

    assert operator.inside(there) == "ta.huu.phuoc"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (("2030-01-09", "2030-01-07"), "không trước ngày đầu"),
        (("2020-01-01", "2020-01-02"), "từ hôm nay trở đi"),
        (("mai", "2030-01-07"), "dạng 2026-11-20"),
        (("2030-01-07", "2030-01-07", "--deputy", "cao.xuan.khang"), "phải là người khác"),
        (("2030-01-07", "2030-01-07", "--deputy", "ai.do"), "Không có cán bộ nào"),
        (("2030-01-07", "2030-01-07", "--deputy", "nguoi.soan.thu"), "chưa thay được"),
    ],
)
def test_an_absence_that_cannot_be_is_refused(operator, line, why):
    operator.does(*KHANG)
    operator.does("staff", "invite", "--name", "Người soạn thư", "--may", "draft_letters")
    assert why in operator.is_refused("staff", "absent", "cao.xuan.khang", *line)


def test_an_empty_office_says_how_to_begin(operator):
    assert "ward staff invite" in operator.does("staff", "list")


@pytest.mark.parametrize(
    ("name", "login"),
    [
        ("Đoàn Thị Minh Thịnh", "doan.thi.minh.thinh"),
        ("Công an phường An Thịnh (trực ban)", "cong.an.phuong.an.thinh"),
        ("  nguyễn   văn A2 ", "nguyen.van.a2"),
        ("Rất " * 30, ".".join(["rat"] * 15)),
    ],
)
def test_a_login_is_the_name_without_marks(name, login):
    assert login_of(name) == login


# --- the demo ward, and what `ward check` says ------------------------------------------------------


def hire(operator) -> list[demo.Key]:
    async def work(bench) -> list[demo.Key]:
        return await demo.hire(bench.database, WARD, bench.now)

    keys: list[demo.Key] = operator.inside(work)
    return keys


def test_the_demo_ward_hires_everybody_its_files_name(operator):
    keys = hire(operator)
    rows = everybody(operator)
    assert set(rows) == set(demo.logins(WARD.desks)) == {key.person.login for key in keys}
    assert rows["cao.xuan.khang"]["desk"] == "do_thi"
    assert rows["cao.xuan.khang"]["permissions"] == ["answer_feedback"]
    assert rows["ha.thi.my.hanh"]["name"] == "Hà Thị Mỹ Hạnh"
    assert set(Permission) == {one for row in rows.values() for one in row["permissions"]}  # type: ignore[attr-defined]
    assert {login for login, row in rows.items() if "see_restricted" in row["permissions"]} == set(  # type: ignore[operator]
        WARD.desks.restricted
    )
    assert {login for login, row in rows.items() if "sign_letters" in row["permissions"]} == {  # type: ignore[operator]
        WARD.desks.chair
    }


def test_the_demo_ward_gives_fresh_codes_until_somebody_came_in(operator):
    first = hire(operator)
    again = hire(operator)
    assert len(again) == len(first)
    assert use(operator, again[0].code)
    assert hire(operator) == []


def test_a_ward_with_people_of_its_own_gets_no_demo_people(operator):
    operator.does("staff", "invite", "--name", "Lê Văn Một", "--may", "manage_staff")
    assert hire(operator) == []
    assert list(everybody(operator)) == ["le.van.mot"]


def test_only_the_bundled_ward_is_a_demo(tmp_path):
    assert demo.is_demo(Settings())
    assert demo.is_demo(Settings(ward_dir=DEMO_WARD / "." / ".." / DEMO_WARD.name))
    assert not demo.is_demo(Settings(ward_dir=tmp_path))


def looked(operator) -> dict[str, dict[str, object]]:
    _, out, _ = operator.run("check", "--json")
    return {line["what"]: line for line in json.loads(out)}


def test_check_warns_while_nobody_is_invited(operator):
    operator.does("staff", "list")
    lines = looked(operator)
    assert {lines[what]["warning"] for what in ("cán bộ", "hộp tin kín", "nhóm của tổ")} == {True}
    assert all(line["good"] for line in lines.values())


def test_check_is_content_with_the_demo_ward_and_its_groups(operator):
    hire(operator)

    async def bind(bench) -> None:
        async with bench.database.writing() as db:
            for number, desk in enumerate(WARD.desks.desks):
                where = Address(ChannelName.TELEGRAM, f"-{number}")
                await staff.bind_room(db, where, desk.code, None, bench.now)

    operator.inside(bind)
    lines = looked(operator)
    warned = {what for what, line in lines.items() if line["warning"]}
    assert warned == {"mẫu thư"}  # the bundled templates wait for the ward's approval
    assert all(line["good"] for line in lines.values())


def test_check_names_whoever_has_a_key_to_the_restricted_box_and_should_not(operator):
    hire(operator)
    operator.does("staff", "invite", "--name", "Lê Văn Một", "--may", "see_restricted")
    operator.does("staff", "disable", "ha.thi.my.hanh", "--by", "B")
    line = looked(operator)["hộp tin kín"]
    assert not line["good"]
    assert "Chưa có quyền see_restricted: ha.thi.my.hanh" in str(line["says"])
    assert "không có tên trong desks.toml: le.van.mot" in str(line["says"])
    assert operator.run("check")[0] == 1
