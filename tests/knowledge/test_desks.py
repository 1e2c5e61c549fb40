import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge.desks import CATEGORIES, LEVELS, MOMENTS, ROLES, SHORT_LETTERS, Desk, Desks
from knowledge.fold import words
from knowledge.ward import Ward, WardError, load_ward

AN_THINH = Path(__file__).parents[2] / "knowledge" / "data" / "an_thinh"


@pytest.fixture(scope="module")
def ward() -> Ward:
    return load_ward(AN_THINH)


@pytest.fixture
def desks(ward: Ward) -> Desks:
    return ward.desks


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(AN_THINH, tmp_path / "ward"))


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "desks.toml"
    text = path.read_text("utf-8")
    assert old in text, f"desks.toml no longer holds {old!r}"
    path.write_text(text.replace(old, new, 1), "utf-8")


def problems(folder: Path) -> list[str]:
    with pytest.raises(WardError) as caught:
        load_ward(folder)
    return caught.value.problems


# --- the bundled file ---------------------------------------------------------


def test_every_concern_has_exactly_one_desk(desks: Desks) -> None:
    assert len(CATEGORIES) == len(set(CATEGORIES)) == 30
    assert sorted(code for desk in desks.desks for code in desk.categories) == sorted(CATEGORIES)


def test_the_units_of_the_ward_are_all_there(desks: Desks) -> None:
    codes = {desk.code for desk in desks.desks}
    assert codes == {
        "do_thi",
        "moi_truong",
        "van_hoa_xa_hoi",
        "mot_cua",
        "van_phong",
        "cong_an",
        "quan_su",
        "y_te",
    }
    assert desks.desk("do_thi").name == "Tổ Quản lý đô thị"
    assert {"other", "late_dossier", "procedure", "fee"} <= set(desks.desk("mot_cua").categories)
    assert desks.leadership == "van_phong"
    assert "staff_attitude" in desks.desk("van_phong").categories


def test_every_login_is_that_of_somebody_in_the_directory(ward: Ward) -> None:
    people = {".".join(words(re.sub(r"\(.*\)", "", one.name))) for one in ward.directory.people}
    desks = ward.desks
    units = [login for desk in desks.desks for login in (desk.head, desk.vice_chair, *desk.on_duty)]
    assert {desks.chair, *desks.restricted, *units} <= people
    assert len(set(desks.restricted)) == 2


def test_every_telephone_number_is_plainly_invented(desks: Desks) -> None:
    phones = [desk.phone for desk in desks.desks] + [body.phone for body in desks.outside]
    assert all(phone.startswith("0236 0000 ") for phone in phones)


def test_names_fit_a_button_and_bodies_say_why_they_are_asked(desks: Desks) -> None:
    assert all(0 < len(desk.short) <= SHORT_LETTERS for desk in desks.desks)
    assert all("nguồn" in body.basis for body in desks.outside)


def test_the_ladder_climbs_from_the_officer_to_the_chair(desks: Desks) -> None:
    moments = [rung.moment for rung in desks.ladder]
    assert moments == ["half", "before_24h", "before_2h", "due", "late_1", "late_2", "late"]
    assert all(set(rung.to) <= set(ROLES) for rung in desks.ladder)
    assert desks.ladder[0].to == ("officer",)
    assert "chair" in desks.ladder[-1].to
    assert set(MOMENTS) <= set(moments)


def test_the_patience_of_the_office_is_written_down(desks: Desks) -> None:
    assert dict(desks.claim_minutes) == {"urgent": 30, "normal": 480, "complex": 480}
    assert tuple(desks.claim_minutes) == LEVELS
    days = (desks.refer_working_days, desks.extension_working_days, desks.wait_working_days)
    assert days == (5, 5, 10)
    assert desks.reopened_to_deputy
    assert desks.checked.responsible


def test_the_file_names_the_law_behind_its_deadline() -> None:
    assert "Nghị định 20/2008/NĐ-CP, Điều 9" in (AN_THINH / "desks.toml").read_text("utf-8")


# --- who takes it -------------------------------------------------------------


def test_a_broken_light_goes_to_the_urban_team(desks: Desks) -> None:
    assert desks.of_category("lighting").code == "do_thi"
    assert desks.of_category("lighting", excluding="mot_cua").code == "do_thi"


@pytest.mark.parametrize("code", ["unheard_of", "", "LIGHTING", "x" * 1_000_000, "\0"])
def test_what_nobody_knows_goes_to_the_desk_of_everything_else(desks: Desks, code: str) -> None:
    assert desks.of_category(code).code == "mot_cua"


def test_no_desk_handles_what_is_said_about_itself(desks: Desks) -> None:
    for unit in desks.desks:
        for code in (*CATEGORIES, "unheard_of"):
            assert desks.of_category(code, excluding=unit.code).code != unit.code
    assert desks.of_category("lighting", excluding="do_thi").code == "van_phong"
    assert desks.of_category("unheard_of", excluding="mot_cua").code == "van_phong"


def test_what_is_said_about_the_leadership_goes_elsewhere(desks: Desks) -> None:
    assert desks.of_category("staff_attitude", excluding="van_phong").code == "mot_cua"


def test_a_ward_whose_only_desk_is_accused_has_nobody_to_give_it_to(desks: Desks) -> None:
    alone = replace(desks, desks=(desks.desk("van_phong"),))
    with pytest.raises(KeyError):
        alone.of_category("waste", excluding="van_phong")
    assert alone.of_category("waste").code == "van_phong"


def test_the_leadership_takes_over_even_when_it_also_takes_everything_else(desks: Desks) -> None:
    office = replace(desks.desk("van_phong"), categories=("other",))
    both = replace(desks, desks=(office, desks.desk("do_thi")))
    assert both.of_category("waste", excluding="van_phong").code == "do_thi"


def test_a_desk_that_does_not_exist_is_not_found(desks: Desks) -> None:
    with pytest.raises(KeyError):
        desks.desk("dien_luc")


def test_bodies_beyond_the_ward_are_found_by_concern(desks: Desks) -> None:
    assert [body.code for body in desks.bodies_for("trees")] == ["dien_luc", "moi_truong_do_thi"]
    assert [body.code for body in desks.bodies_for("land")] == ["dang_ky_dat_dai"]
    assert desks.bodies_for("staff_attitude") == []
    assert desks.bodies_for("") == []


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("đô thị", "do_thi"),
        ("do thi", "do_thi"),
        ("Tổ Quản lý đô thị", "do_thi"),
        ("chuyen to do thi", "do_thi"),
        ("do_thi", "do_thi"),
        ("công an", "cong_an"),
        ("CÔNG AN PHƯỜNG", "cong_an"),
        ("chuyển công an nhé", "cong_an"),
        ("môi trường", "moi_truong"),
        ("địa chính", "moi_truong"),
        ("văn hóa", "van_hoa_xa_hoi"),
        ("van hoa xa hoi", "van_hoa_xa_hoi"),
        ("một cửa", "mot_cua"),
        ("hành chính công", "mot_cua"),
        ("văn phòng", "van_phong"),
        ("lãnh đạo", "van_phong"),
        ("phường đội", "quan_su"),
        ("y tế", "y_te"),
        ("tram y te", "y_te"),
    ],
)
def test_desks_are_found_by_what_people_call_them(desks: Desks, asked: str, code: str) -> None:
    assert desks.named(asked)[0].code == code


def test_words_that_name_two_desks_find_both_the_better_first(desks: Desks) -> None:
    assert {desk.code for desk in desks.named("môi trường, đô thị")} == {"do_thi", "moi_truong"}
    assert desks.named("trạm y tế phường, không phải công an")[0].code == "y_te"


@pytest.mark.parametrize("asked", ["", "   ", "!?", "nuôi cá sấu", "\0", "a" * 1_000_000, "ă " * 500_000])
def test_words_that_name_no_desk_find_none(desks: Desks, asked: str) -> None:
    assert desks.named(asked) == []


def test_a_desk_says_nothing_for_words_it_does_not_know(desks: Desks) -> None:
    desk: Desk = desks.desk("y_te")
    assert desk.fit("cong an") == 0


# --- a file that is wrong -----------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "field", "told"),
    [
        ('chair = "doan.thi.minh.thinh"', 'chair = "Đoàn Thị Minh Thịnh"', "chair", "tên đăng nhập"),
        ('head = "cao.xuan.khang"', 'head = "khang"', "desk.head", "cao.xuan.khang"),
        ('vice_chair = "trinh.quoc.loc"', "vice_chair = 106", "desk.vice_chair", "chữ trong ngoặc kép"),
        ('on_duty = ["cao.xuan.khang", ', 'on_duty = ["Khang", ', "desk.on_duty", "không phải tên đăng nhập"),
        ('on_duty = ["cao.xuan.khang", "ta.huu.phuoc"]', "on_duty = []", "desk.on_duty", "chưa có ai trực"),
        (
            'on_duty = ["cao.xuan.khang", "ta.huu.phuoc"]',
            'on_duty = ["ta.huu.phuoc", "ta.huu.phuoc"]',
            "desk.on_duty",
            "hai lần",
        ),
        (
            'restricted = ["doan.thi.minh.thinh", "ha.thi.my.hanh"]',
            'restricted = ["ha.thi.my.hanh"]',
            "restricted",
            "đúng hai",
        ),
        (
            'restricted = ["doan.thi.minh.thinh", ',
            'restricted = ["trinh.quoc.loc", "doan.thi.minh.thinh", ',
            "restricted",
            "đúng hai",
        ),
        ('leadership = "van_phong"', 'leadership = "chu_tich"', "leadership", "chu_tich"),
        ("reopened_to_deputy = true", 'reopened_to_deputy = "có"', "reopened_to_deputy", "true hoặc false"),
        ("refer_working_days = 5", "refer_working_days = 6", "refer_working_days", "từ 1 đến 5"),
        ("extension_working_days = 5", "extension_working_days = 0", "extension_working_days", "từ 1"),
        ("wait_working_days = 10", "wait_working_days = 1000", "wait_working_days", "đến 60"),
        ("urgent = 30", "urgent = 0", "claim_minutes.urgent", "từ 1 đến"),
        ("complex = 480", "complexx = 480", "claim_minutes.complex", "số"),
        ("[claim_minutes]", "[claim]", "claim_minutes", "thiếu phần"),
        ('code = "do_thi"', 'code = "Đô thị"', "desk.code", "gạch dưới"),
        ('code = "moi_truong"', 'code = "do_thi"', "desk.code", "đã có ở phần trên"),
        ('code = "cap_nuoc"', 'code = "dien_luc"', "outside.code", "đã có ở phần trên"),
        ('short = "Một cửa"', 'short = "Trung tâm hành chính công"', "desk.short", "20 chữ cái"),
        ('phone = "0236 0000 131"', 'phone = "hỏi bảo vệ"', "desk.phone", "số điện thoại"),
        ('phone = "0236 0000 301"', 'phone = ""', "outside.phone", "để trống"),
        ('basis = "Cấp nước sạch', 'bases = "Cấp nước sạch', "outside.basis", "để trống"),
        ('categories = ["water"]', "categories = []", "outside.categories", "chưa có lĩnh vực nào"),
        ('categories = ["water"]', 'categories = ["nuoc"]', "outside.categories", "chọn trong: waste"),
        (
            '"lighting", "flood_drain"',
            '"den", "lighting", "flood_drain"',
            "desk.categories",
            "không có lĩnh vực “den”",
        ),
        (
            'categories = ["waste", ',
            'categories = ["trees", "waste", ',
            "desk.categories",
            "“trees” đã thuộc",
        ),
        (
            'categories = ["waste", "land", ',
            "categories = [",
            "desk",
            "chưa đơn vị nào nhận: waste, land; thêm vào",
        ),
        ('moment = "half"', 'moment = "một nửa"', "ladder.moment", "before_24h"),
        ('moment = "late_2"', 'moment = "late_0"', "ladder.moment", "late_1"),
        ('moment = "late_2"', 'moment = "late_1"', "ladder.moment", "đã có ở phần trên"),
        ('to = ["officer"]', 'to = ["mayor"]', "ladder.to", "vice_chair"),
        ('to = ["officer"]', "to = []", "ladder.to", "officer"),
        ('to = ["officer"]', 'to = ["officer", "officer"]', "ladder.to", "không lặp"),
        ('name = "Trạm Y tế phường"', 'nam = "Trạm Y tế phường"', "desk.nam", "chính tả"),
        ("checked_on = 2026-11-02", 'checked_on = "hôm qua"', "checked_on", "phải là ngày"),
    ],
)
def test_a_clerk_hears_what_is_wrong_and_where(
    folder: Path, old: str, new: str, field: str, told: str
) -> None:
    edit(folder, old, new)
    assert any(
        problem.startswith("desks.toml, dòng ") and f"mục {field}: " in problem and told in problem
        for problem in problems(folder)
    ), problems(folder)


def test_a_concern_given_twice_is_told_on_the_line_of_the_second(folder: Path) -> None:
    edit(folder, 'categories = ["waste", ', 'categories = ["trees", "waste", ')
    lines = (folder / "desks.toml").read_text("utf-8").splitlines()
    line = next(n for n, text in enumerate(lines, 1) if '["trees", "waste"' in text)
    where = f"desks.toml, dòng {line}, mục desk.categories: "
    assert problems(folder) == [where + "“trees” đã thuộc “Tổ Quản lý đô thị”; mỗi lĩnh vực một đơn vị"]


def test_one_desk_alone_is_refused(folder: Path) -> None:
    text = (folder / "desks.toml").read_text("utf-8")
    first, second = (match.start() for match in list(re.finditer(r"\[\[desk\]\]", text))[:2])
    end = text.index("# Cơ quan ngoài phường")
    (folder / "desks.toml").write_text(text[:first] + text[first:second] + text[end:], "utf-8")
    assert any("cần ít nhất hai đơn vị" in problem for problem in problems(folder))


def test_a_ladder_without_rungs_is_refused(folder: Path) -> None:
    text = (folder / "desks.toml").read_text("utf-8")
    (folder / "desks.toml").write_text(text[: text.index("[[ladder]]")], "utf-8")
    assert any("mục ladder: chưa có bậc nhắc việc nào" in problem for problem in problems(folder))


def test_a_missing_file_is_one_problem(folder: Path) -> None:
    (folder / "desks.toml").unlink()
    told = problems(folder)
    assert len(told) == 1
    assert told[0].startswith("desks.toml: không có tệp này")


def test_the_deputy_hears_of_reopened_cases_unless_the_file_says_otherwise(folder: Path) -> None:
    edit(folder, "reopened_to_deputy = true", "# reopened_to_deputy = true")
    assert load_ward(folder).desks.reopened_to_deputy
    edit(folder, "# reopened_to_deputy = true", "reopened_to_deputy = false")
    assert not load_ward(folder).desks.reopened_to_deputy


def test_what_was_read_cannot_be_changed(desks: Desks) -> None:
    with pytest.raises(TypeError):
        desks.claim_minutes["urgent"] = 0  # type: ignore[index]
