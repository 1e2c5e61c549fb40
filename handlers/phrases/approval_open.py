"""What clerks and signers read of letters that lack something, were halted, or are put off."""

from collections.abc import Mapping, Sequence
from typing import Final

from handlers.talk import bold
from letters.fields import FIELDS
from letters.gaps import Gap
from letters.states import TITLES
from records.letters import Letter

NO_MORE: Final[Mapping[str, str]] = {
    "lacking": "Không còn thư nào thiếu thông tin. Gõ “thư” để xem thư đang chờ.",
    "halted": "Không còn thư nào đang dừng. Gõ “thư” để xem thư đang chờ.",
}
NOTHING_TO_TYPE: Final = (
    "Thư này không thiếu mục nào gõ được ở đây. Mời viết lời, soạn lại, hoặc chọn không gửi."
)
WRITE_QUESTION: Final = (
    "Mời gõ điều cần hỏi lại đơn vị giữ hồ sơ, trong một hai câu; không nêu thông tin riêng của người dân. "
    "Gõ “thôi” để bỏ qua."
)
ASKED_AGAIN: Final = "Đến giờ đã hẹn: còn thư chờ anh/chị. Mời bấm để xem từng thư, hoặc gõ “thư”."


def lacking(number: int, lines: Sequence[str]) -> str:
    """Tell how many letters could not be written, and what each lacks."""
    head = f"Thư còn thiếu thông tin: {bold(str(number))}."
    return "\n".join(
        [head, *lines, "Bấm Xem thư còn thiếu rồi trả lời từng mục; hoặc: ward letters show SỐ."]
    )


def stopped(number: int) -> str:
    """Tell how many letters were halted."""
    return f"Thư đang dừng, chưa rời cơ quan: {bold(str(number))}."


def lacks(letter: Letter, missing: Sequence[Gap]) -> str:
    """Tell what one letter lacks, and the command that does the same as the buttons."""
    lines = [f"• {gap.says}{gap.hint}" for gap in missing]
    named = " ".join(f"{gap.name}=…" for gap in missing if gap.name)
    if named:
        lines.append(f"Bấm Bổ sung rồi gõ câu trả lời; hoặc: ward letters supply {letter.id} {named} --by …")
    return "\n".join(["Còn thiếu:", *lines])


def halted(who: str, why: str) -> str:
    """Tell who halted a letter, and why."""
    return f"{who} đã dừng thư này: {why or 'không ghi lý do'}."


def ask(gap: Gap, left: int) -> str:
    """Ask for one fact; tell how many are left."""
    title = FIELDS[gap.name].title
    more = f" (còn {left} mục)" if left > 1 else ""
    why = "" if gap.says.startswith("thiếu ") else f"{gap.says[:1].upper()}{gap.says[1:]}.\n"
    return f"{why}Xin cho biết {bold(title)}{gap.hint}{more}. Gõ “thôi” để bỏ qua."


def written_anew(letter: Letter) -> str:
    """Tell where a letter stands that was drafted again."""
    return f"Đã soạn lại thư {letter.id}: {TITLES[letter.state]}."


def still(missing: Sequence[Gap]) -> str:
    """Tell what stands against a letter even now."""
    return f"Đã ghi. Thư chưa soạn được: {'; '.join(gap.says for gap in missing)}."


def goes_on(leaves: str) -> str:
    """Tell that a halted letter goes as it was signed."""
    return f"Thư gửi tiếp đúng bản đã ký. {leaves}".strip()


def asked(told: int) -> str:
    """Tell that the question is on its way, or that nobody could be told."""
    if not told:
        return (
            "Đã ghi câu hỏi; thư trở về bước còn thiếu. Chưa có nhóm chat hay tài khoản nào để báo, "
            "mời nhắn trực tiếp đơn vị."
        )
    return "Đã chuyển câu hỏi; thư trở về bước còn thiếu, có trả lời sẽ soát lại rồi trình anh/chị."


def samples(made: int) -> str:
    """Say what the pictures above are."""
    if not made:
        return "Chưa có thư nào in được để xem mẫu."
    return f"Đã gửi {made} thư mẫu ở trên. Xem mẫu chưa phải là duyệt."


def until_when(number: int, sorrow: int, owed: int) -> str:
    """Ask until when, and name what cannot well wait."""
    kinds = ((sorrow, "thư chia buồn"), (owed, "thư xin lỗi"))
    told = " và ".join(f"{count} {kind}" for count, kind in kinds if count)
    warning = f"\nTrong đó có {told}: để lâu có thể không còn kịp." if told else ""
    return f"Hoãn {bold(str(number))} thư đang chờ tới lúc nào? Chưa thư nào được ký.{warning}"


def put_off(number: int, moment: str) -> str:
    """Confirm when the letters will be asked about again."""
    return f"Đã hoãn {number} thư; chưa thư nào được ký. Trợ lý số hỏi lại {bold(moment)}. Muốn xem sớm hơn, gõ “thư”."
