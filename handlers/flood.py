"""Keep calm when somebody writes too fast: one polite sentence, then silence until it stops."""

from collections.abc import Callable, Coroutine
from typing import Any

from handlers.phrases import common
from handlers.talk import Reply, Turn

WINDOW_S = 60.0


async def calm(
    turn: Turn, per_minute: int, answer: Callable[[Turn], Coroutine[Any, Any, Reply | None]]
) -> Reply | None:
    """Let *answer* speak, unless this person already wrote *per_minute* messages in a minute."""
    if turn.incoming.group:  # many people speak there; only commands are answered
        return await answer(turn)
    memory, now = turn.memory, turn.now.timestamp()
    memory.recent = [at for at in memory.recent if now - at < WINDOW_S][-per_minute:]
    flooding = len(memory.recent) >= per_minute
    memory.recent.append(now)
    if not flooding:
        memory.warned = False
        return await answer(turn)
    if memory.warned:
        return None
    memory.warned = True
    return Reply(text=common.SLOW_DOWN)
