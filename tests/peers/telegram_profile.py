"""What the bot says about itself on Telegram: commands and descriptions, by language."""

import json
import re
from dataclasses import dataclass, field

from .records import Json
from .telegram_limits import TelegramLimits, over
from .telegram_wire import Call, Refusal

_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_COMMAND_DESCRIPTION = 256
_DESCRIPTION = 512
_SHORT_DESCRIPTION = 120


@dataclass
class Profile:
    """Kept apart for each scope and language, as the platform does."""

    limits: TelegramLimits
    commands: dict[tuple[str, str], list[Json]] = field(default_factory=dict)
    description: dict[str, str] = field(default_factory=dict)  # by language
    short_description: dict[str, str] = field(default_factory=dict)

    def set_commands(self, call: Call) -> bool:
        """Answer `setMyCommands`."""
        commands = call.payload.get("commands")
        if not isinstance(commands, list) or over(len(commands), self.limits.commands):
            raise Refusal(400, "Bad Request: too many bot commands specified")
        for one in commands:
            if not _COMMAND.fullmatch(one.get("command", "").removeprefix("/")):
                raise Refusal(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(one.get("description", "")) <= _COMMAND_DESCRIPTION:
                raise Refusal(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[_scope(call)] = commands
        return True

    def get_commands(self, call: Call) -> list[Json]:
        """Answer `getMyCommands`: exactly what was set for this scope and language."""
        return self.commands.get(_scope(call), [])

    def set_description(self, call: Call) -> bool:
        """Answer `setMyDescription`."""
        text = call.text("description")
        if len(text) > _DESCRIPTION:
            raise Refusal(400, "Bad Request: BOT_DESCRIPTION_INVALID")
        self.description[call.text("language_code")] = text
        return True

    def set_short_description(self, call: Call) -> bool:
        """Answer `setMyShortDescription`."""
        text = call.text("short_description")
        if len(text) > _SHORT_DESCRIPTION:
            raise Refusal(400, "Bad Request: BOT_SHORT_DESCRIPTION_INVALID")
        self.short_description[call.text("language_code")] = text
        return True


def _scope(call: Call) -> tuple[str, str]:
    scope = call.payload.get("scope") or {"type": "default"}
    return json.dumps(scope, sort_keys=True), call.text("language_code")
