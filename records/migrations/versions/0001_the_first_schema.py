"""The first schema."""

import sqlalchemy as sa
from alembic import op

import records.columns

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "telegram",
                "zalo",
                "web",
                name="channelname",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("user", sa.String(length=100), nullable=False),
        sa.Column("ref", sa.String(length=1000), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("asked_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("fetched_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("channel", "ref", name="uq_attachment_ref"),
    )
    op.create_table(
        "catalogueedition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("procedures", sa.Integer(), nullable=False),
        sa.Column("published_by", sa.String(length=100), nullable=False),
        sa.Column("published_at", records.columns.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogueedition")),
    )
    op.create_table(
        "channeltoken",
        sa.Column(
            "channel",
            sa.Enum(
                "telegram",
                "zalo",
                "web",
                name="channelname",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("access", sa.String(length=2000), nullable=False),
        sa.Column("refresh", sa.String(length=2000), nullable=False),
        sa.Column("given_sha256", sa.String(length=64), nullable=False),
        sa.Column("expires_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("renewed_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("renewing_until", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(length=200), nullable=True),
        sa.Column("quirks", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_channeltoken")),
    )
    op.create_table(
        "consent",
        sa.Column(
            "channel",
            sa.Enum(
                "telegram",
                "zalo",
                "web",
                name="channelname",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("user", sa.String(length=100), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "reply",
                "alert",
                "result_ready",
                "letter",
                "greeting",
                "survey",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("said_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("wording", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("channel", "user", "purpose", name=op.f("pk_consent")),
    )
    op.create_table(
        "contact",
        sa.Column(
            "channel",
            sa.Enum(
                "telegram",
                "zalo",
                "web",
                name="channelname",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("user", sa.String(length=100), nullable=False),
        sa.Column("heard_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("free_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("off_since", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("off_reason", sa.String(length=100), nullable=True),
        sa.PrimaryKeyConstraint("channel", "user", name=op.f("pk_contact")),
    )
    op.create_table(
        "conversation",
        sa.Column(
            "channel",
            sa.Enum(
                "telegram",
                "zalo",
                "web",
                name="channelname",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("user", sa.String(length=100), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("changed_at", records.columns.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("channel", "user", name=op.f("pk_conversation")),
    )
    op.create_table(
        "counter",
        sa.Column("series", sa.String(length=60), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_counter")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "telegram",
                "zalo",
                "web",
                name="channelname",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("user", sa.String(length=100), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "reply",
                "alert",
                "result_ready",
                "letter",
                "greeting",
                "survey",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("urgency", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("attachments", sa.JSON(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "queued",
                "sending",
                "sent",
                "delivered",
                "seen",
                "doubtful",
                "failed",
                "withheld",
                name="deliverystate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("created_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("due_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("lease_until", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("doubts", sa.Integer(), nullable=False),
        sa.Column("sent_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("channel_ref", sa.String(length=200), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("key", name=op.f("uq_delivery_key")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index(
            "ix_delivery_due", ["channel", "state", "urgency", "due_at", "id"], unique=False
        )
        batch_op.create_index("ix_delivery_person", ["channel", "user", "state"], unique=False)
        batch_op.create_index("ix_delivery_receipt", ["channel", "channel_ref"], unique=False)

    op.create_table(
        "gate",
        sa.Column(
            "channel",
            sa.Enum(
                "telegram",
                "zalo",
                "web",
                name="channelname",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("next_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("next_bulk_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("closed_until", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("why", sa.String(length=200), nullable=True),
        sa.Column("troubles", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_gate")),
    )
    op.create_table(
        "handover",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "telegram",
                "zalo",
                "web",
                name="channelname",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("user", sa.String(length=100), nullable=False),
        sa.Column("topic", sa.String(length=100), nullable=False),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("photos", sa.JSON(), nullable=False),
        sa.Column("asked_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("answer_by", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("answered_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("answered_by", sa.String(length=100), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handover")),
    )
    op.create_table(
        "jobrun",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("slot", sa.String(length=30), nullable=False),
        sa.Column("started_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("ended_at", records.columns.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("name", "slot", name=op.f("pk_jobrun")),
    )
    op.create_table(
        "received",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "telegram",
                "zalo",
                "web",
                name="channelname",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("user", sa.String(length=100), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("received_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("lease_until", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("handled_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received")),
        sa.UniqueConstraint("key", name=op.f("uq_received_key")),
    )
    with op.batch_alter_table("received", schema=None) as batch_op:
        batch_op.create_index(
            "ix_received_waiting",
            ["channel", "user", "id"],
            unique=False,
            sqlite_where=sa.text("handled_at IS NULL"),
            postgresql_where=sa.text("handled_at IS NULL"),
        )

    op.create_table(
        "trace",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("who", sa.String(length=150), nullable=False),
        sa.Column("what", sa.String(length=60), nullable=False),
        sa.Column("object", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("at", records.columns.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trace")),
    )
    op.create_table(
        "unansweredquestion",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("question", sa.String(length=300), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("first_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("last_at", records.columns.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_unansweredquestion")),
    )
