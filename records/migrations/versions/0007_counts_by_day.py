"""Counts by day, forms a platform approved, and indexes for the console's lists."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "daycount",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
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
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "what", "channel", "part", name=op.f("pk_daycount")),
    )
    op.add_column("delivery", sa.Column("template", sa.JSON(), nullable=True))
    op.create_index("ix_feedback_taken", "feedback", ["taken_at"])
    op.create_index("ix_letter_kind", "letter", ["state", "template", "due_at"])
    op.create_index("ix_letter_day", "letter", ["document_date", "number"])
    op.create_index("ix_letter_book", "letter", ["year", "template", "number"])
    op.create_index("ix_trace_object", "trace", ["object"])
    op.create_index("ix_dossier_due", "dossier", ["state", "current_due_on"])
    op.create_index("ix_jobrun_open", "jobrun", ["ended_at", "started_at"])
    op.create_index("ix_feedback_desk_taken", "feedback", ["desk", "taken_at"])
    listed = [
        "state",
        "desk",
        "officer_id",
        "category",
        "quarter",
        "about_desk",
        "taken_at",
        "due_at",
        "paused_at",
    ]
    op.create_index("ix_feedback_listing", "feedback", listed)
