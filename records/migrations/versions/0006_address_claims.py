"""One-time codes by which a resident's chat account is bound at the one-stop desk."""

import sqlalchemy as sa
from alembic import op

import records.columns

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "addressclaim",
        sa.Column(
            "channel",
            sa.Enum(
                "telegram",
                "zalo",
                "zalo_bot",
                "web",
                name="channelname",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("user", sa.String(length=100), nullable=False),
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("expires_at", records.columns.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel", "user", name=op.f("pk_addressclaim")),
        sa.UniqueConstraint("code_sha256", name=op.f("uq_addressclaim_code_sha256")),
    )
