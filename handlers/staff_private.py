"""From a group into the private chat of whoever spoke there: what is written goes on unseen by the others."""

from dataclasses import replace

from feedback import notices
from feedback.states import NotAllowed
from handlers.memory import Memory
from handlers.talk import Reply, Turn, pieces, with_numbers
from records import outbox, people
from records.tables import Purpose


async def enter(turn: Turn) -> Turn:
    """Return the turn as if it were said in private, the notes of that conversation locked.

    Called before a case is locked: that is the order in which a private turn locks, too.
    Raises NotAllowed when nobody is seen behind the words.
    """
    who = turn.incoming.author
    if who is None:
        raise NotAllowed(notices.NOT_YOURS)
    memory = Memory.load(*await people.conversation(turn.db, who))
    incoming = replace(turn.incoming, sender=who, group=False, author=None)
    return replace(turn, incoming=incoming, memory=memory)


async def say(private: Turn, reply: Reply) -> None:
    """Put *reply* in the outbox of the private chat, and keep what that conversation has come to."""
    who, memory = private.incoming.sender, private.memory
    memory.choices = [[choice.label, choice.say, choice.line] for choice in reply.choices]
    await people.remember(private.db, who, memory.step, memory.dump(), private.now)
    texts = pieces(with_numbers(reply.text, reply.choices))
    for number, text in enumerate(texts, start=1):
        last = number == len(texts)
        await outbox.put(
            private.db,
            key=f"private:{private.incoming.key}:{number}",
            to=who,
            purpose=Purpose.REPLY,
            text=text,
            now=private.now,
            choices=[(choice.label, choice.say) for choice in reply.choices] if last else (),
        )
