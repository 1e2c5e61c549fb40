"""The addresses that lead from a printed code straight to a card, a channel each.

The page and the bot understand them: `chat.js` reads `tthc`, `handlers.welcome` the start word.
Zalo opens an account from a link but takes no words along; there the number of the card is typed.
"""

from urllib.parse import quote


def web(public_url: str, code: str) -> str:
    """Return the address of the web chat that asks for the card.

    >>> web("https://tro-ly.example", "1.001193")
    'https://tro-ly.example/?tthc=1.001193'
    """
    return f"{public_url.rstrip('/')}/?tthc={quote(code)}"


def telegram(username: str, code: str) -> str:
    """Return the address that opens the bot and asks for the card; a start word knows no full stops.

    >>> telegram("phuong_bot", "1.001193")
    'https://t.me/phuong_bot?start=tthc_1_001193'
    """
    return f"https://t.me/{quote(username)}?start=tthc_{code.replace('.', '_')}"


def zalo(account: str) -> str:
    """Return the address that opens the Official Account."""
    return f"https://zalo.me/{quote(account)}"
