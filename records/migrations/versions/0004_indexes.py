"""Indexes for what is asked on every message, photo and row of a register."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_recipient_account", "recipient", ["channel", "user"])
    op.create_index(op.f("ix_household_address"), "household", ["address"])
    op.create_index("ix_attachment_person", "attachment", ["channel", "user", "asked_at"])
