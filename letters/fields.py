"""Every fact a letter may hold: its identifier, its Vietnamese name, what kind of thing it is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a fact may be, and how it is printed."""

    TEXT = "text"  # words of one line
    NAME = "name"  # of one person: letters, no figures
    NAMES = "names"  # of several persons, in order
    DATE = "date"  # a date, or its ISO spelling; printed "05 tháng 11 năm 2026"
    NUMBER = "number"  # whole; printed "1.250"
    YEAR = "year"  # printed "2027"
    FLAG = "flag"  # true or false; never printed, only asked about


@dataclass(frozen=True)
class Field:
    """A fact by its Vietnamese name, as a clerk knows it.

    `after` is the word of the sentence that the fact goes on from: "hiến 42 mét vuông đất" after "đã".
    """

    title: str
    kind: Kind = Kind.TEXT
    after: str = ""


FIELDS: Final = {
    # who writes
    "ward_name": Field("tên phường trong câu"),
    "ward_title": Field("tên phường đầu câu"),
    "committee": Field("tên Ủy ban nhân dân"),
    "contact_phone": Field("số điện thoại liên hệ"),
    "hotline": Field("số đường dây nóng"),
    # who is written to
    "recipient": Field("người nhận thư"),
    "you": Field("cách xưng hô với người nhận"),
    "neighbourhood": Field("tổ dân phố"),
    "place": Field("nơi trao hoặc nơi nhận"),
    # marriage, birth
    "groom_name": Field("họ tên chồng", Kind.NAME),
    "bride_name": Field("họ tên vợ", Kind.NAME),
    "certificate_date": Field("ngày trao Giấy chứng nhận kết hôn", Kind.DATE),
    "handed_over_on": Field("ngày trao giấy", Kind.DATE),
    "guideline_enclosed": Field("có kèm tờ nếp sống văn minh", Kind.FLAG),
    "child_names": Field("họ tên con", Kind.NAMES),
    "birth_date": Field("ngày sinh của con", Kind.DATE),
    "mother_name": Field("họ tên mẹ", Kind.NAME),
    "father_name": Field("họ tên cha", Kind.NAME),
    "insurance_ready": Field("đã có thẻ bảo hiểm y tế", Kind.FLAG),
    "mother_died": Field("mẹ đã mất", Kind.FLAG),
    "child_died": Field("con đã mất", Kind.FLAG),
    "adopted_or_found": Field("con nuôi hoặc trẻ bị bỏ rơi", Kind.FLAG),
    "parentage_disputed": Field("đang tranh chấp cha mẹ", Kind.FLAG),
    # condolence
    "honorific": Field("danh xưng của người mất"),
    "deceased_name": Field("họ tên người mất", Kind.NAME),
    "death_date": Field("ngày mất dương lịch", Kind.DATE),
    "death_date_lunar": Field("ngày mất âm lịch"),
    "birth_year": Field("năm sinh của người mất", Kind.YEAR),
    "age_by_custom": Field("tuổi hưởng thọ hoặc hưởng dương", Kind.NUMBER),
    "delicate": Field("hoàn cảnh mất cần người quyết định", Kind.FLAG),
    # dossiers
    "unit": Field("đơn vị thụ lý"),
    "procedure_name": Field("tên thủ tục"),
    "dossier_code": Field("mã hồ sơ"),
    "taken_on": Field("ngày nhận hồ sơ", Kind.DATE),
    "original_due_on": Field("ngày hẹn trả ban đầu", Kind.DATE),
    "new_due_on": Field("ngày hẹn trả mới", Kind.DATE),
    "late_days": Field("số ngày làm việc bị trễ", Kind.NUMBER),
    "specific_reason": Field("lý do cụ thể", after="vì"),
    "home_delivery": Field("giao kết quả tận nơi, không thu thêm phí", Kind.FLAG),
    "officer_name": Field("họ tên người phụ trách", Kind.NAME),
    "officer_phone": Field("số điện thoại người phụ trách"),
    # faults
    "feedback_code": Field("mã phản ánh"),
    "feedback_date": Field("ngày phản ánh", Kind.DATE),
    "finding": Field("kết luận xác minh"),
    "remedy": Field("việc đã làm để khắc phục", after="đã"),
    "fault": Field("sai sót của kết quả"),
    "found_on": Field("ngày phát hiện", Kind.DATE),
    "correction": Field("cách sửa"),
    # thanks, commendation, praise
    "contribution": Field("việc đóng góp", after="đã"),
    "purpose": Field("công trình hoặc mục đích", after="để"),
    "contribution_date": Field("ngày đóng góp", Kind.DATE),
    "benefit": Field("ích lợi đã thấy", after="nhờ đó,"),
    "summary": Field("tóm tắt góp ý đã ẩn danh", after="về việc"),
    "outcome": Field("kết quả xử lý"),
    "initiative": Field("tên sáng kiến"),
    "decision_number": Field("số quyết định công nhận"),
    "decision_date": Field("ngày quyết định công nhận", Kind.DATE),
    "measured_result": Field("hiệu quả đo được"),
    "achievement": Field("thành tích", after="đã"),
    "achievement_date": Field("ngày đạt thành tích", Kind.DATE),
    # greetings
    "occasion": Field("tên ngày lễ"),
    "year": Field("năm", Kind.YEAR),
    "lunar_year_name": Field("tên năm âm lịch"),
    "real_facts": Field("kết quả thật của phường trong năm", after="đã"),
    "anniversary": Field("số năm kỷ niệm", Kind.NUMBER),
    "activity": Field("hoạt động của phường nhân dịp này", after="dịp này,"),
    # made from the others by `render`
    "longevity_term": Field("hưởng thọ hoặc hưởng dương"),
    "children": Field("cách gọi các con"),
    "siblings": Field("sinh đôi, sinh ba", Kind.FLAG),
}

OF_THE_WARD: Final = ("ward_name", "ward_title", "committee", "contact_phone", "hotline")
DERIVED: Final = {"longevity_term": "age_by_custom", "children": "child_names", "siblings": "child_names"}
