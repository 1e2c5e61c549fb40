"""The tables `[[zbs]]` of a ward's file, and forms that cannot be filled in."""

from datetime import date

import pytest

from knowledge.sheet import SheetError
from letters.forms import FormKind, filled, usable
from tests.letters.approved_forms import FORMS, HEAD, policy_in


def test_a_fact_that_is_missing_or_too_long_leaves_the_form_unsent(tmp_path):
    policy = policy_in(tmp_path, HEAD + FORMS)
    form = usable(policy.forms, FormKind.APOLOGY, date(2026, 11, 20))
    assert form is not None
    assert filled(form, {"code": "H26", "new_due_on": "2026-11-30"}) == {
        "id": "302",
        "data": {"ma_ho_so": "H26", "ngay_hen_moi": "30/11/2026"},
    }
    assert filled(form, {"code": "H26"}) is None
    assert filled(form, {"code": "H" * 31, "new_due_on": "2026-11-30"}) is None
    assert usable(policy.forms, FormKind.APOLOGY, date(2026, 11, 1)) is None


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('kind = "apology"', 'kind = "congratulation"', "lời chúc và thư chia buồn không gửi bằng tin mẫu"),
        ('kind = "thanks"', 'kind = "condolence"', "lời chúc và thư chia buồn không gửi bằng tin mẫu"),
        ('kind = "thanks"', 'kind = "apology"', "đã có một mẫu cho apology"),
        ("tag = 1", "tag = 3", "tin quảng cáo"),
        ('fact = "new_due_on"', 'fact = "procedure_name"', "phải là một trong"),
        ('fact = "recipient"', 'fact = "ward_name"', "phải có ít nhất một tham số nêu code"),
        ("longest = 20", "longest = 900", "phải là số từ 1 đến 200"),
        ('template_id = "301"', 'template_id = "30 1"', "chép đúng như trang của Zalo"),
        ("approved_on = 2026-11-02\ntag = 1", "tag = 1", "phải là ngày"),
        ('name = "noi_nhan"', 'name = "ma_ho_so"', "không trùng tên"),
        ("tag = 1", "tag = 1\nphone = 1", "tên mục này không có"),
    ],
)
def test_a_wrong_line_in_the_file_is_named(tmp_path, old, new, says):
    with pytest.raises(SheetError, match=r"letters\.toml, dòng \d+") as caught:
        policy_in(tmp_path, HEAD + FORMS.replace(old, new, 1))
    assert says in str(caught.value)
