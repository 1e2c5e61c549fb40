"""Words for danger, for denunciations, and for private numbers typed by mistake."""

from handlers.talk import bold
from knowledge.ward import Ward

EMERGENCY = (
    f"{bold('Gọi ngay 114 (cháy, cứu nạn) · 113 (công an) · 115 (cấp cứu)')}\n"
    "Xin gọi trước, nói rõ địa chỉ và số người cần giúp. Máy không thay được cuộc gọi này.\n"
    "Khi đã an toàn, nếu anh/chị muốn, Trợ lý số chuyển lời nhắn cho cán bộ phường."
)
CHILD = (
    f"{bold('Gọi ngay 111 (bảo vệ trẻ em, miễn phí, 24 giờ) · 113 (công an) · 115 (cấp cứu)')}\n"
    "Cảm ơn anh/chị đã lên tiếng. Người nghe máy 111 giữ kín danh tính của người gọi.\n"
    "Nếu muốn, Trợ lý số chuyển lời nhắn cho cán bộ phường."
)
DESPAIR = (
    "Trợ lý số rất lo cho anh/chị. Xin đừng ở một mình lúc này: hãy gọi người thân đang ở gần nhất.\n"
    f"{bold('Gọi ngay 115 (cấp cứu)')}; có trẻ em thì gọi 111; bị đe dọa thì gọi 113.\n"
    "Máy không thay được người. Nếu muốn, Trợ lý số chuyển lời nhắn để cán bộ phường gọi lại."
)


def gate(ward: Ward, kind: str) -> str:
    """Say that a chat is no place for a denunciation or complaint, and that nothing was kept."""
    return (
        "Dạ, cảm ơn anh/chị đã tin tưởng. "
        f"Nội dung này có thể là {bold(kind)}; pháp luật quy định {kind} bằng {bold('đơn có ký tên')} hoặc "
        f"{bold('trình bày trực tiếp')}, để được thụ lý và {bold('được giữ bí mật, bảo vệ')}. "
        f"Kênh này không phải nơi tiếp nhận {kind}.\n"
        f"Vì vậy Trợ lý số {bold('không lưu và không chuyển')} tin nhắn vừa rồi cho ai. "
        "(Tin vẫn nằm trong khung chat trên máy của anh/chị; anh/chị có thể tự xóa.)\n"
        f"Nơi tiếp nhận:\n{petition_places(ward)}"
    )


def petition_places(ward: Ward) -> str:
    """List where denunciations and complaints are received."""
    return "\n".join(f"• {place.name}: {place.where}, {place.when}" for place in ward.petition.places)


HOW_TO_WRITE = (
    "Đơn khiếu nại, tố cáo cần có:\n"
    "• Ngày, tháng, năm viết đơn.\n"
    "• Họ tên, địa chỉ của người viết.\n"
    "• Sự việc: xảy ra khi nào, ở đâu, liên quan đến ai, có giấy tờ gì kèm theo.\n"
    "• Yêu cầu giải quyết điều gì.\n"
    "• Chữ ký hoặc điểm chỉ của người viết.\n"
    "Không viết được, anh/chị đến trình bày trực tiếp, cán bộ tiếp công dân ghi lại và đọc cho nghe.\n"
    "Căn cứ: Luật Khiếu nại 02/2011/QH13 (Điều 8), Luật Tố cáo 25/2018/QH14 (Điều 22, 23)."
)
ATTITUDE = (
    "Dạ, xin viết ngắn việc xảy ra, ngày, quầy. Không cần nêu tên người. Trợ lý số sẽ hỏi lại trước khi gửi."
)


HIDDEN_NUMBER = "Trong tin có số giống số căn cước. Trợ lý số đã che số này, không lưu."
