"""Conversations: what a resident says, and what the ward answers, on every channel alike.

Read `talk` (the words between a channel and a conversation), then `router` (which word
leads where), then any topic: `lookup`, `browse`, `office`, `handover`, `consent`, `safety`.
Every sentence stands in `phrases/`. Nothing here knows a platform, a page or the clock.
"""
