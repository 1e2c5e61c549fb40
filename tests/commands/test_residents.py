"""`ward residents` as it is typed at the one-stop desk: somebody is found, an account bound, and taken off again."""

import json

import pytest

from records import binding, residents, staff
from records.cases import Permission
from records.residents import Person
from records.tables import Address, ChannelName, Purpose

pytestmark = pytest.mark.filterwarnings("default::ResourceWarning")
LAN, PHONE = Address(ChannelName.ZALO, "186729651760683225"), Address(ChannelName.TELEGRAM, "77")
THU = Person(name="Nguyễn Thị Thử", born_year=1975, quarter="TDP 3", address="Số 42 Thí Dụ")
TWIN = Person(name="Nguyễn Thị Thử", born_year=1975, quarter="TDP 3", address="Số 7 Thí Dụ")
BY = ("--by", "mot.cua")


@pytest.fixture
def desk(operator):
    """A clerk who may, one who may not, and two residents of one name."""

    async def fill(bench) -> None:
        async with bench.work() as work:
            for login, may in (("mot.cua", [Permission.IMPORT_RECORDS]), ("dung", [])):
                await staff.add(
                    work.db, login=login, name=login, desk="mot_cua", permissions=may, now=work.now
                )
            taken: set[int] = set()
            for person in (THU, TWIN):
                row = (await residents.find_or_make(work.db, person, work.now, taken)).resident
                assert row is not None
                taken.add(row.id or 0)

    operator.inside(fill)
    return operator


def code_of(desk, who=LAN) -> str:
    async def claim(bench) -> str:
        async with bench.work() as work:
            return await binding.claim(work.db, who, work.now)

    return str(desk.inside(claim))


def show(desk, number="1"):
    return json.loads(desk.does("residents", "show", number, *BY, "--json"))


def test_two_of_one_name_are_listed_with_what_tells_them_apart(desk):
    lines = desk.does("residents", "find", "nguyen thi thu 1975 tổ 3", *BY).splitlines()
    assert lines == [
        "1  Nguyễn Thị Thử, địa chỉ Số 42 Thí Dụ, mã cư dân #1  0 khung chat",
        "2  Nguyễn Thị Thử, địa chỉ Số 7 Thí Dụ, mã cư dân #2  0 khung chat",
    ]
    told = [json.loads(line) for line in desk.does("residents", "find", THU.name, *BY, "--json").splitlines()]
    assert [row["address"] for row in told] == ["Số 42 Thí Dụ", "Số 7 Thí Dụ"]
    assert "Không thấy ai" in desk.does("residents", "find", "Trần Văn Không", *BY)


def test_an_account_is_bound_shown_and_taken_off(desk):
    code = code_of(desk)
    told = json.loads(desk.does("residents", "bind", code, "2", *BY, "--json"))
    assert told["account"].startswith("zalo-")
    [account] = show(desk, "2")["accounts"]
    assert (account["account"], account["verified_by"], account["closed_at"]) == (
        told["account"],
        "mot.cua",
        None,
    )
    assert "đang gắn" in desk.does("residents", "show", "2", *BY)
    assert LAN.user not in str(show(desk, "2"))
    freed = json.loads(desk.does("residents", "unbind", "2", *BY, "--json"))
    assert (freed["account"], freed["withheld"]) == (told["account"], 0)
    assert "đã gỡ" in desk.does("residents", "show", "2", *BY)

    async def heard(bench):
        return [row for row in await bench.told("binding:") if row.purpose is Purpose.REPLY]

    assert [row.user for row in desk.inside(heard)] == [LAN.user, LAN.user]


def test_of_several_accounts_the_one_to_take_off_is_named(desk):
    desk.does("residents", "bind", code_of(desk), "1", *BY)
    desk.does("residents", "bind", code_of(desk, PHONE), "1", *BY)
    complaint = desk.is_refused("residents", "unbind", "1", *BY)
    name = next(word for word in complaint.replace(".", "").replace(",", "").split() if "telegram-" in word)
    desk.does("residents", "unbind", "1", "--account", name, *BY)
    assert [row["closed_at"] is None for row in show(desk)["accounts"]] == [True, False]


def test_a_wrong_code_an_unknown_person_and_a_bound_account_are_refused(desk):
    assert "xin mã khác" in desk.is_refused("residents", "bind", "AAAA-2222", "1", *BY)
    code = code_of(desk)
    assert "Không có người dân số 9" in desk.is_refused("residents", "bind", code, "9", *BY)
    desk.does("residents", "bind", code, "1", *BY)
    assert "người khác" in desk.is_refused("residents", "bind", code_of(desk), "2", *BY)
    assert "từ trước" in desk.is_refused("residents", "bind", code_of(desk), "1", *BY)
    assert "Không có người dân số 9" in desk.is_refused("residents", "show", "9", *BY)
    assert "không có" in desk.is_refused("residents", "unbind", "2", *BY)


@pytest.mark.parametrize(
    "line", [("find", "Nguyễn Thị Thử"), ("show", "1"), ("bind", "AAAA-2222", "1"), ("unbind", "1")]
)
def test_nobody_looks_or_binds_without_the_permission(desk, line):
    assert "chưa được quyền" in desk.is_refused("residents", *line, "--by", "dung")
    assert "Không có cán bộ" in desk.is_refused("residents", *line, "--by", "khong.ai")
    with pytest.raises(SystemExit):
        desk.run("residents", *line)
