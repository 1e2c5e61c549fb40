"""Every setting, its default and its unit; read from `ward.toml`, then from `WARD_…` variables.

A secret may also stand in a file named by `…_FILE`. A key we do not know is a mistake, and
all mistakes are told at once, in Vietnamese.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

CONFIG_FILE = "ward.toml"
PREFIX = "WARD_"
_KEY_LINE = re.compile(r"([a-z0-9][a-z0-9-]{1,39})[ \t]*=[ \t]*([\x21-\x3a\x3c-\x7e]{16,128})")
_SECRET_TOKEN = re.compile(r"[\x21-\x7e]{8,256}")  # the platform's length; a header carries it
DEMO_WARD = Path(__file__).parent.parent / "knowledge" / "data" / "an_thinh"


class SettingsError(Exception):
    """The settings are wrong; `problems` says where and what to do, a line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WebSettings(_Part):
    """Where we listen, and under which address the world sees us."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str | None = None
    behind_proxy: bool = False  # trust X-Forwarded-For: only behind our own proxy


class TelegramSettings(_Part):
    """A Telegram bot; on when it has a token."""

    token: SecretStr | None = None
    api_url: str = "https://api.telegram.org"
    mode: Literal["polling", "webhook"] = "polling"
    webhook_secret: SecretStr | None = None
    send_timeout_s: float = Field(default=20, gt=0, le=25)  # twice this must stay under the outbox lease
    poll_timeout_s: int = Field(default=25, ge=0, le=50)


class ZaloSettings(_Part):
    """A Zalo Official Account; on when app id, secrets and the first refresh token are there."""

    app_id: str | None = None
    app_secret: SecretStr | None = None
    oa_id: str | None = None
    oa_secret: SecretStr | None = None
    refresh_token: SecretStr | None = None
    api_url: str = "https://openapi.zalo.me"
    oauth_url: str = "https://oauth.zaloapp.com"
    zns_url: str = "https://business.openapi.zalo.me"
    send_timeout_s: float = Field(default=15, gt=0, le=25)
    counted_per_month: int = Field(default=0, ge=0)  # messages the package pays for outside 48 h

    @property
    def on(self) -> bool:
        """Tell whether anything of an account is given."""
        return any((self.app_id, self.app_secret, self.oa_secret, self.refresh_token))


class ZaloBotSettings(_Part):
    """A bot of the Zalo Bot Platform, another product than the account; on when it has a token.

    With a webhook secret and a public address Zalo calls us; otherwise we fetch.
    """

    token: SecretStr | None = None
    api_url: str = "https://bot-api.zaloplatforms.com"
    webhook_secret: SecretStr | None = None
    send_timeout_s: float = Field(default=15, gt=0, le=25)
    poll_timeout_s: int = Field(default=25, ge=1, le=50)


class Open311Settings(_Part):
    """Applications of others: what they may read, and which of them may send reports.

    `keys` holds an application a line (or between semicolons), as "name = key".
    """

    on: bool = True
    keys: SecretStr | None = None
    reports_per_key_per_minute: int = Field(default=30, gt=0)

    @property
    def names(self) -> dict[str, str]:
        """Return the name of each application by its key. Raises ValueError for a line that is none."""
        found: dict[str, str] = {}
        for line in filter(str.strip, re.split(r"[\n;]", self.keys.get_secret_value() if self.keys else "")):
            told = _KEY_LINE.fullmatch(line.strip())
            if told is None or told[1] in found.values() or told[2] in found:
                raise ValueError("not a key of an application")
            found[told[2]] = told[1]
        return found


class LimitSettings(_Part):
    """How much the platforms allow; the defaults are what they document (telegram.md §3, zalo.md §2)."""

    telegram_per_second: float = Field(default=30, gt=0)
    telegram_person_pause_s: float = Field(default=1, ge=0)
    telegram_group_pause_s: float = Field(default=3, ge=0)
    zalo_per_minute: float = Field(default=100, gt=0)
    web_per_second: float = Field(default=2000, gt=0)
    messages_per_person_per_minute: int = Field(default=20, gt=0)
    web_messages_per_address_per_minute: int = Field(default=60, gt=0)
    web_streams_per_address: int = Field(default=20, gt=0)
    web_upload_mb: float = Field(default=8, gt=0, le=20)
    public_per_address_per_minute: int = Field(default=240, gt=0)  # public pages, their photos, and open311


class LetterSettings(_Part):
    """The face of the ward's letters: a folder with Times New Roman or one of its measure."""

    font_dir: Path | None = None


class RetentionSettings(_Part):
    """For how many days texts are kept; numbers are the ward's to decide (domain.md §3.9)."""

    delivery_text_days: int = Field(default=90, ge=1)
    handover_text_days: int = Field(default=365, ge=1)
    received_key_days: int = Field(default=30, ge=8)
    closed_case_days: int = Field(default=1825, ge=61)  # a case may be taken up again for 60 days
    closed_photo_days: int = Field(default=730, ge=61)
    restricted_days: int = Field(default=1825, ge=30)
    conversation_days: int = Field(default=180, ge=8)  # a report that is being written lives 7 days
    request_days: int = Field(default=1825, ge=30)
    stray_media_days: int = Field(default=7, ge=1)


class Settings(BaseSettings):
    """Everything an operator may set."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", toml_file=CONFIG_FILE, frozen=True
    )

    database_url: str = "sqlite+aiosqlite:///var/ward.db"
    data_dir: Path = Path("var")
    ward_dir: Path = DEMO_WARD  # the ward's own pages: address, hours, directory
    knowledge_file: Path | None = None  # another catalogue than the bundled one, until an edition is imported
    audit_key: SecretStr | None = None  # seals the history; none: made once and kept in data_dir/audit.key
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    web: WebSettings = WebSettings()
    telegram: TelegramSettings = TelegramSettings()
    zalo: ZaloSettings = ZaloSettings()
    zalo_bot: ZaloBotSettings = ZaloBotSettings()
    open311: Open311Settings = Open311Settings()
    limits: LimitSettings = LimitSettings()
    retention: RetentionSettings = RetentionSettings()
    letters: LetterSettings = LetterSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  the library's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  the library's signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment wins over the file; nothing else is read. `…_FILE` names are read by `load`."""
        if isinstance(env_settings, EnvSettingsSource):
            env_settings.env_vars = {
                name: value
                for name, value in env_settings.env_vars.items()
                if not name.endswith("_file") or name == "ward_knowledge_file"
            }
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @model_validator(mode="after")
    def _whole(self) -> "Settings":
        problems = [
            *_telegram_problems(self),
            *_zalo_problems(self.zalo),
            *_zalo_bot_problems(self.zalo_bot),
            *_open311_problems(self.open311),
            *_database_problems(self.database_url),
        ]
        if problems:
            raise ValueError("\n".join(problems))
        return self


def load(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings. Raises `SettingsError` with every problem at once."""
    environment = os.environ if environment is None else environment
    given, problems = _secrets_in_files(environment)
    problems += _unknown_names(environment)
    try:
        settings = Settings(**given)
    except ValidationError as error:
        raise SettingsError(problems + [line for item in error.errors() for line in _tell(item)]) from None
    if problems:
        raise SettingsError(problems)
    return settings


def _secrets_in_files(environment: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    """Read every `WARD_…_FILE`, so that secrets need not stand in the environment; say which fail."""
    given: dict[str, Any] = {}
    problems = []
    for name, path in environment.items():
        if not name.startswith(PREFIX) or not name.endswith("_FILE") or name in _names(Settings):
            continue
        try:
            content = Path(path).read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError):
            problems.append(f"{name}: không đọc được tệp. Kiểm tra đường dẫn và quyền đọc.")
            continue
        *parts, last = name.removeprefix(PREFIX).removesuffix("_FILE").lower().split("__")
        place = given
        for part in parts:
            place = place.setdefault(part, {})
        place[last] = content
    return given, problems


def _unknown_names(environment: Mapping[str, str]) -> list[str]:
    """pydantic-settings passes over unknown variables; an operator's typo must not be."""
    known = _names(Settings)
    return [
        f"{name}: không có cài đặt này. Kiểm tra chính tả trong docs/cai-dat.md."
        for name in environment
        if name.startswith(PREFIX) and name.removesuffix("_FILE") not in known and name not in known
    ]


def _names(model: type[BaseModel], prefix: str = PREFIX) -> set[str]:
    names = set()
    for name, info in model.model_fields.items():
        kind = info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            names |= _names(kind, f"{prefix}{name.upper()}__")
        else:
            names.add(f"{prefix}{name.upper()}")
    return names


def _tell(item: Mapping[str, Any]) -> list[str]:
    """Say one pydantic mistake in Vietnamese, without the value: it may be a secret."""
    where = "__".join(str(part).upper() for part in item["loc"])
    if item["type"] == "value_error":
        return str(item["ctx"]["error"]).splitlines()
    if item["type"] == "extra_forbidden":
        return [f"{PREFIX}{where}: không có cài đặt này. Kiểm tra chính tả trong docs/cai-dat.md."]
    return [f"{PREFIX}{where}: giá trị không hợp lệ ({item['type']}). Xem docs/cai-dat.md."]


def _telegram_problems(settings: Settings) -> list[str]:
    telegram, problems = settings.telegram, []
    if telegram.token is None:
        return []
    if telegram.mode == "webhook" and telegram.webhook_secret is None:
        problems.append("WARD_TELEGRAM__WEBHOOK_SECRET: chế độ webhook cần một chuỗi bí mật.")
    if telegram.mode == "webhook" and not settings.web.public_url:
        problems.append("WARD_WEB__PUBLIC_URL: chế độ webhook cần địa chỉ công khai của phường.")
    return problems + _url_problems("WARD_TELEGRAM__API_URL", telegram.api_url)


def _zalo_problems(zalo: ZaloSettings) -> list[str]:
    if not zalo.on:
        return []
    needed = ("app_id", "app_secret", "oa_secret", "refresh_token")
    missing = [name for name in needed if getattr(zalo, name) is None]
    problems = [f"WARD_ZALO__{name.upper()}: còn thiếu để mở kênh Zalo." for name in missing]
    for name in ("api_url", "oauth_url", "zns_url"):
        problems += _url_problems(f"WARD_ZALO__{name.upper()}", getattr(zalo, name))
    return problems


def _zalo_bot_problems(bot: ZaloBotSettings) -> list[str]:
    if bot.token is None:
        return []
    problems = _url_problems("WARD_ZALO_BOT__API_URL", bot.api_url)
    secret = bot.webhook_secret
    if secret is not None and not _SECRET_TOKEN.fullmatch(secret.get_secret_value()):
        problems.append("WARD_ZALO_BOT__WEBHOOK_SECRET: cần 8–256 ký tự, không dấu, không khoảng trắng.")
    return problems


def _open311_problems(open311: Open311Settings) -> list[str]:
    try:
        _ = open311.names
    except ValueError:
        return [
            "WARD_OPEN311__KEYS: mỗi dòng là “tên = khóa”, không trùng nhau; xem docs/cai-dat.md cách đặt tên và khóa."
        ]
    return []


def _url_problems(name: str, url: str) -> list[str]:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return [f"{name}: phải là địa chỉ http hoặc https."]
    return []


def _database_problems(url: str) -> list[str]:
    if url.startswith(("sqlite+aiosqlite://", "postgresql+asyncpg://")):
        return []
    return ["WARD_DATABASE_URL: chỉ dùng sqlite+aiosqlite:/// hoặc postgresql+asyncpg://."]
