"""Photos of an identity card are told from other photos. Every card here is invented."""

from io import BytesIO

import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from records.identity_card import is_card_code, is_identity_card
from records.media import redraw

CARD = "048000000123|200000123|Nguyễn Thử Nghiệm Lan|01021990|Nữ|12 Đường Không Có, Tổ 3, An Thịnh|20112021"
NEW_CARD = "048000000123||Trần Mẫu|01021990|Nam|Tổ 3, An Thịnh|20112024||Trần Mẫu Cha|Lê Mẫu Mẹ|"
OTHER_CODES = (
    "https://example.vn/phuong-an-thinh?so=048000000123",
    "00020101021138540010A00000072701240006970400011048000000123080208QRIBFTTA53037045802VN6304ABCD",
    "HC1:NCFOXN%TS3DHZN4HAF*PQFKKGTNA.Q/R8WRU2FCLPQF0HE0B5SW2HPGKJTSO4",
    "GD4480000000123|4c616e|01/02/1990|2|An Thịnh|48 - 001|01/01/2026|-|20/11/2026|480000|-|4|-|",
    "048000000123",
    "048000000123|Lan|090000000|x",
    "BEGIN:VCARD\nFN:Lan\nTEL:0900000123\nEND:VCARD",
)


def code(text: str, side: int) -> Image.Image:
    drawn = BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="png", scale=8, border=2)
    return Image.open(drawn).convert("RGB").resize((side, side), Image.Resampling.LANCZOS)


def card(text: str = CARD, width: int = 1400) -> Image.Image:
    """Draw a card: patterned paper, a dark portrait, lines of print, the code at the top right."""
    made = Image.new("RGB", (1712, 1080), (205, 225, 215))
    draw = ImageDraw.Draw(made)
    for x in range(0, 1712, 23):
        draw.line((x, 0, 1712 - x, 1080), fill=(190, 215, 225), width=3)
    draw.rectangle((60, 330, 440, 860), fill=(150, 120, 110))
    for line in range(8):
        draw.rectangle((500, 400 + 70 * line, 1300, 430 + 70 * line), fill=(60, 60, 70))
    made.paste(code(text, 250), (1402, 50))
    return made.resize((width, width * 1080 // 1712), Image.Resampling.LANCZOS)


def leaning(picture: Image.Image) -> Image.Image:
    """Look at *picture* from below and from the side."""
    width, height = picture.size
    corners = (-0.1, -0.05, 0.05, 1.06, 0.97, 1.1, 1.06, -0.1)
    sides = [part * (height if number % 2 else width) for number, part in enumerate(corners)]
    return picture.convert("RGBA").transform(
        picture.size, Image.Transform.QUAD, sides, Image.Resampling.BICUBIC
    )


def on_a_table(picture: Image.Image, angle: float = 0) -> Image.Image:
    """Lay *picture* on a table full of things."""
    table = Image.effect_noise((256, 192), 70).resize((2048, 1536), Image.Resampling.BICUBIC).convert("RGB")
    draw = ImageDraw.Draw(table)
    for number in range(25):
        x, y = number * 337 % 2048, number * 211 % 1536
        draw.rectangle(
            (x, y, x + 90 + number * 9, y + 60 + number * 7), fill=(number * 9, 40 + number * 5, 90)
        )
    laid = picture.convert("RGBA").rotate(angle, Image.Resampling.BICUBIC, expand=True)
    table.paste(laid, ((2048 - laid.width) // 2, (1536 - laid.height) // 2), laid)
    return table


def sent(picture: Image.Image, kind: str = "JPEG", quality: int = 60) -> bytes:
    made = BytesIO()
    picture.convert("RGB").save(made, kind, quality=quality)
    return made.getvalue()


@pytest.mark.parametrize(
    "photo",
    [
        pytest.param(card(), id="the card alone"),
        pytest.param(card(NEW_CARD), id="the card of 2024"),
        pytest.param(on_a_table(card()), id="on a table"),
        pytest.param(on_a_table(card(), 90), id="on its side"),
        pytest.param(on_a_table(card(), 180), id="upside down"),
        pytest.param(on_a_table(card(), 37), id="askew"),
        pytest.param(on_a_table(card(), -7), id="a little askew"),
        pytest.param(on_a_table(leaning(card()), 12), id="from below"),
        pytest.param(on_a_table(card(width=1000)), id="small"),
        pytest.param(ImageEnhance.Brightness(on_a_table(card(), 5)).enhance(0.25), id="in the dark"),
        pytest.param(ImageEnhance.Contrast(on_a_table(card(), 5)).enhance(0.3), id="behind glass"),
        pytest.param(on_a_table(card(), 5).filter(ImageFilter.GaussianBlur(1.5)), id="out of focus"),
        pytest.param(on_a_table(card()).resize((4096, 3072)), id="from a good telephone"),
    ],
)
def test_a_photo_of_a_card_is_seen(photo):
    assert is_identity_card(sent(photo))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_card_is_seen_in_every_kind_of_file_and_after_redrawing(kind):
    photo = sent(on_a_table(card()), kind, 80)
    assert is_identity_card(photo)
    assert is_identity_card(redraw(photo))


def test_a_card_beside_another_code_is_seen():
    photo = on_a_table(card())
    photo.paste(code("https://example.vn", 300), (20, 20))
    assert is_identity_card(sent(photo))


@pytest.mark.parametrize("text", OTHER_CODES)
def test_other_codes_are_no_card(text):
    assert not is_card_code(text)
    assert not is_identity_card(sent(on_a_table(card(text))))


@pytest.mark.parametrize(
    "photo",
    [
        pytest.param(on_a_table(Image.new("RGB", (600, 400), "grey")), id="a table"),
        pytest.param(Image.new("RGB", (800, 600), "white"), id="nothing"),
        pytest.param(Image.effect_noise((900, 700), 90), id="noise"),
        pytest.param(Image.new("RGB", (1, 1)), id="a dot"),
        pytest.param(Image.new("RGB", (3000, 1)), id="a line"),
    ],
)
def test_photos_without_a_code_are_no_card(photo):
    assert not is_identity_card(sent(photo))


@given(st.binary(max_size=300), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF"]))
def test_broken_files_are_no_card(content, beginning):
    assert not is_identity_card(beginning + content)


SMALL = sent(card(width=400), quality=30)


@settings(max_examples=30, deadline=None)
@given(st.integers(20, len(SMALL) - 1), st.binary(min_size=1, max_size=40))
def test_a_damaged_photo_is_looked_at_without_harm(at, damage):
    assert is_identity_card(SMALL[:at] + damage + SMALL[at + len(damage) :]) in {True, False}
