"""The operator's settings: every mistake at once, in Vietnamese, never the value of a secret."""

import pytest

from bot.settings import SettingsError, load


@pytest.fixture
def given(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)  # no ward.toml of the tester's

    def give(**variables: str):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return load()

    return give


def test_without_any_setting_the_demo_ward_is_served_on_sqlite(given):
    settings = given()
    assert settings.database_url == "sqlite+aiosqlite:///var/ward.db"
    assert (settings.web.host, settings.web.port) == ("127.0.0.1", 8080)
    assert settings.telegram.token is None
    assert not settings.zalo.on


def test_all_mistakes_are_told_at_once(given):
    with pytest.raises(SettingsError) as told:
        given(
            WARD_TELEGRAM__TOKEN="1:bi-mat",
            WARD_TELEGRAM__MODE="webhook",
            WARD_ZALO__APP_ID="1",
            WARD_DATABASE_URL="mysql://x",
            WARD_TELEGARM__TOKEN="nhầm chữ",
        )
    problems = "\n".join(told.value.problems)
    for name in (
        "WARD_TELEGRAM__WEBHOOK_SECRET",
        "WARD_WEB__PUBLIC_URL",
        "WARD_ZALO__APP_SECRET",
        "WARD_ZALO__OA_SECRET",
        "WARD_ZALO__REFRESH_TOKEN",
        "WARD_DATABASE_URL",
        "WARD_TELEGARM__TOKEN",
    ):
        assert name in problems
    assert "bi-mat" not in problems


def test_a_value_that_is_no_number_is_named_but_not_repeated(given):
    with pytest.raises(SettingsError) as told:
        given(WARD_WEB__PORT="tám nghìn")
    assert told.value.problems == ["WARD_WEB__PORT: giá trị không hợp lệ (int_parsing). Xem docs/cai-dat.md."]


def test_a_secret_may_stand_in_a_file(given, tmp_path):
    secret = tmp_path / "token"
    secret.write_text("1:từ-tệp\n", "utf-8")
    settings = given(WARD_TELEGRAM__TOKEN_FILE=str(secret))
    assert settings.telegram.token.get_secret_value() == "1:từ-tệp"
    assert "từ-tệp" not in repr(settings)


def test_a_secret_file_that_is_not_there_is_told(given):
    with pytest.raises(SettingsError, match="WARD_TELEGRAM__TOKEN_FILE"):
        given(WARD_TELEGRAM__TOKEN_FILE="/không/có")


def test_the_environment_wins_over_the_file(given, tmp_path):
    (tmp_path / "ward.toml").write_text('log_level = "DEBUG"\n[web]\nport = 9000\nhost = "::1"\n', "utf-8")
    settings = given(WARD_WEB__PORT="9001")
    assert (settings.web.port, settings.web.host, settings.log_level) == (9001, "::1", "DEBUG")


def test_a_key_nobody_knows_in_the_file_is_a_mistake(given, tmp_path):
    (tmp_path / "ward.toml").write_text("[web]\nprot = 9000\n", "utf-8")
    with pytest.raises(SettingsError, match="WARD_WEB__PROT"):
        given()
