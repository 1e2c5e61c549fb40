"""The settings of the Zalo bot: what an operator may give, and what is told when it is wrong."""

from pathlib import Path

import pytest

from bot import app
from bot.settings import SettingsError, load
from records.tables import ChannelName
from tests.peers.zalo_bot import TOKEN


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)  # no ward.toml of the tester's

    def give(**variables: str):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return load()

    return give


def test_without_a_token_the_channel_is_off(given):
    settings = given()
    assert settings.zalo_bot.token is None
    assert settings.zalo_bot.api_url == "https://bot-api.zaloplatforms.com"


def test_both_secrets_may_stand_in_files(given, tmp_path):
    token, secret = tmp_path / "token", tmp_path / "secret"
    token.write_text(TOKEN + "\n", "utf-8")
    secret.write_text("bi-mat-cua-bot-1\n", "utf-8")
    settings = given(WARD_ZALO_BOT__TOKEN_FILE=str(token), WARD_ZALO_BOT__WEBHOOK_SECRET_FILE=str(secret))
    assert settings.zalo_bot.token.get_secret_value() == TOKEN
    assert settings.zalo_bot.webhook_secret.get_secret_value() == "bi-mat-cua-bot-1"
    assert "bi-mat" not in repr(settings)
    assert TOKEN not in repr(settings)


@pytest.mark.parametrize("secret", ["", "1234567", "x" * 257, "bí mật của bot", "mot hai ba bon"])
def test_a_secret_the_platform_would_not_take_is_told(given, secret):
    with pytest.raises(SettingsError) as told:
        given(WARD_ZALO_BOT__TOKEN=TOKEN, WARD_ZALO_BOT__WEBHOOK_SECRET=secret)
    (problem,) = told.value.problems
    assert problem.startswith("WARD_ZALO_BOT__WEBHOOK_SECRET: cần 8–256 ký tự")


def test_an_address_that_is_none_is_told(given):
    with pytest.raises(SettingsError, match="WARD_ZALO_BOT__API_URL"):
        given(WARD_ZALO_BOT__TOKEN=TOKEN, WARD_ZALO_BOT__API_URL="bot-api.zaloplatforms.com")


@pytest.mark.parametrize(
    ("variables", "called"),
    [
        ({}, False),
        ({"WARD_ZALO_BOT__WEBHOOK_SECRET": "bi-mat-cua-bot-1"}, False),
        ({"WARD_WEB__PUBLIC_URL": "https://phuong.example"}, False),
        (
            {
                "WARD_ZALO_BOT__WEBHOOK_SECRET": "bi-mat-cua-bot-1",
                "WARD_WEB__PUBLIC_URL": "https://phuong.example",
            },
            True,
        ),
    ],
)
async def test_zalo_calls_us_only_where_it_can_and_may(given, tmp_path, variables, *, called):
    settings = given(WARD_ZALO_BOT__TOKEN=TOKEN, WARD_DATA_DIR=str(tmp_path), **variables)
    office = app.build(settings)
    routes = {route.resource.canonical for route in office.application().router.routes() if route.resource}
    await office.database.close()
    assert ChannelName.ZALO_BOT in office.channels
    assert ("/webhooks/zalo-bot" in routes) is called
    assert len(office.pollers) == (not called)
