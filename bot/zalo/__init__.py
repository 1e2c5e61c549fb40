"""Zalo Official Account: its wire, and nothing of our work.

Inwards: `signature` (is it Zalo?), `payload` (JSON from strangers), `reading` (what the event
says; the table of all events). Outwards: `writing` (what a message looks like), `uploads`,
`errors` (the table of all codes), `wire` and `api` (the network), `tokens` (who renews the
pair). `groups` tells a group's address from a person's, `media` brings in photos, `account`
looks at the account, `channel` holds it together.
"""

from bot.zalo.channel import ZaloChannel

__all__ = ["ZaloChannel"]
