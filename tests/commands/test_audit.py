"""`ward audit verify` tells an operator whether somebody touched the history, and where."""

import json

from sqlalchemy import text

INVITE = ("staff", "invite", "--may", "answer_feedback", "--name")


def spoil(operator, sentence: str) -> None:
    async def work(bench) -> None:
        async with bench.database.engine.begin() as connection:
            await connection.execute(text(sentence))

    operator.inside(work)


def test_a_fresh_ward_has_a_whole_history(operator):
    assert "nguyên vẹn: 0 dòng" in operator.does("audit", "verify")


def test_every_act_of_an_operator_is_a_line(operator):
    operator.does(*INVITE, "Lê Văn Một")
    operator.does(*INVITE, "Lê Văn Hai")
    told = json.loads(operator.does("audit", "verify", "--json"))
    assert told == {"sealed": 2, "older": 0, "broken_at": None, "why": "", "whole": True}


def test_a_changed_line_is_named_by_its_number(operator):
    for name in ("Lê Văn Một", "Lê Văn Hai", "Lê Văn Ba"):
        operator.does(*INVITE, name)
    spoil(operator, "UPDATE trace SET who = 'ai.do' WHERE seq = 2")
    assert "dòng số 2" in operator.is_refused("audit", "verify")
    status, out, err = operator.run("audit", "verify", "--json")
    assert (status, json.loads(out)["broken_at"], json.loads(out)["why"]) == (1, 2, "changed")
    assert "dòng số 2" in err


def test_a_line_that_is_gone_is_named_by_its_number(operator):
    for name in ("Lê Văn Một", "Lê Văn Hai"):
        operator.does(*INVITE, name)
    spoil(operator, "DELETE FROM trace WHERE seq = 2")
    assert "thiếu dòng này" in operator.is_refused("audit", "verify")
    status, out, _ = operator.run("check")
    assert status == 1
    assert "HỎNG  nhật ký niêm phong" in out


def test_another_key_is_told_as_a_possible_reason(operator, monkeypatch):
    operator.does(*INVITE, "Lê Văn Một")
    monkeypatch.setenv("WARD_AUDIT_KEY", "khoa-khac")
    assert "WARD_AUDIT_KEY" in operator.is_refused("audit", "verify")


def test_the_key_made_by_itself_is_found_again(operator, monkeypatch, tmp_path):
    monkeypatch.delenv("WARD_AUDIT_KEY")
    operator.does(*INVITE, "Lê Văn Một")
    assert (tmp_path / "audit.key").stat().st_mode & 0o777 == 0o600
    assert "nguyên vẹn: 1 dòng" in operator.does("audit", "verify")


def test_a_history_on_postgres_is_checked_too(operator, monkeypatch, make_postgres):
    monkeypatch.setenv("WARD_DATABASE_URL", make_postgres())
    operator.does(*INVITE, "Lê Văn Một")
    assert "nguyên vẹn: 1 dòng" in operator.does("audit", "verify")
