"""Answers in Telegram's clothes."""

import html
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channel import Refused
from bot.telegram import registration, writing
from handlers.talk import BOLD_OFF, BOLD_ON, Choice, bold, clean
from tests.peers import images, telegram_html


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (bold("Lệ phí") + ": miễn", "<b>Lệ phí</b>: miễn"),
        ("<b>không</b> & <script>", "&lt;b&gt;không&lt;/b&gt; &amp; &lt;script&gt;"),
        ("\"trích\" &amp; 'dẫn'", "\"trích\" &amp;amp; 'dẫn'"),
        (bold("<i>"), "<b>&lt;i&gt;</b>"),
        (BOLD_ON + "hở", "hở"),
        ("hở" + BOLD_OFF, "hở"),
        (bold(""), ""),
        (BOLD_ON + bold("đôi") + BOLD_OFF, "<b>đôi</b>"),
        ("a\ud800b", "ab"),
        (bold("một") + bold("hai"), "<b>một</b><b>hai</b>"),
    ],
)
def test_only_our_own_marks_become_tags(text: str, expected: str) -> None:
    assert writing.html_text(text) == expected


@given(st.text(st.characters(categories=None), max_size=60))
def test_whatever_somebody_typed_shows_literally(typed: str) -> None:
    safe = clean(typed)
    written = writing.html_text(f"{bold('Nội dung')}: {safe}")
    shown, entities = telegram_html.parse(written)
    assert shown == f"Nội dung: {safe}"
    assert [one["type"] for one in entities] == ["bold"]
    assert html.unescape(written.replace("<b>", "", 1).replace("</b>", "", 1)) == html.unescape(
        html.escape(shown, quote=False)
    )


def rows(*choices: Choice) -> list[list[tuple[str, object]]]:
    markup = writing.keyboard(choices)
    return [[(b.text, b.callback_data) for b in row] for row in markup.inline_keyboard] if markup else []


def test_long_buttons_stand_alone_and_short_ones_in_pairs() -> None:
    yes, no, back = Choice("Gửi", "1"), Choice("Sửa", "2"), Choice("Bỏ", "3")
    long = Choice("Đăng ký khai sinh lại", "khai sinh lại")
    assert rows(yes, no, back) == [[("Gửi", "1"), ("Sửa", "2")], [("Bỏ", "3")]]
    assert rows(yes, long, no) == [[("Gửi", "1")], [(long.label, long.say)], [("Sửa", "2")]]
    assert rows() == []


@pytest.mark.parametrize(
    "bad", [Choice("x", "ộ" * 22), Choice("x", ""), Choice(" ", "x"), Choice("x", "\ud800")]
)
def test_a_button_telegram_would_refuse_does_not_take_the_message_with_it(bad: Choice) -> None:
    assert rows(bad, Choice("Gửi", "1")) == [[("Gửi", "1")]]
    assert rows(bad) == []


def test_lengths_are_counted_as_telegram_counts() -> None:
    writing.check_length(bold("a" * 4096), 4096)
    writing.check_length("&" * 1024, 1024)
    with pytest.raises(Refused, match="4098 UTF-16 units"):
        writing.check_length("😀" * 2049, 4096)


@pytest.mark.parametrize(
    ("content", "name", "picture"),
    [
        (images.JPEG, "abcdef012345.jpg", True),
        (images.PNG, "abcdef012345.png", True),
        (images.PDF, "abcdef012345.pdf", False),
        (b"chu", "abcdef012345", False),
        (images.JPEG + b"\0" * writing.MAX_PHOTO, "abcdef012345.jpg", False),
    ],
)
def test_the_first_bytes_say_what_a_file_is(tmp_path: Path, content: bytes, name: str, picture: bool) -> None:  # noqa: FBT001
    path = tmp_path / "abcdef0123456789"
    path.write_bytes(content)
    file = writing.load_file(path)
    assert (file.name, file.picture, file.content) == (name, picture, content)


def test_an_attachment_that_is_not_there_or_too_large_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        writing.load_file(tmp_path / "nothing")
    (tmp_path / "large").write_bytes(b"123")
    monkeypatch.setattr(writing, "MAX_FILE", 2)
    with pytest.raises(Refused, match="50 MB"):
        writing.load_file(tmp_path / "large")


def test_what_we_say_about_ourselves_fits_and_warns() -> None:
    assert len(registration.DESCRIPTION) <= 512
    assert all(number in registration.DESCRIPTION for number in ("113", "114", "115"))
    assert "không phải người" in registration.DESCRIPTION
    assert [one.command for one in registration.COMMANDS] == [
        "batdau", "tracuu", "phananh", "tinhtrang", "canbo", "dulieucuatoi", "ngungtin"
    ]  # fmt: skip
