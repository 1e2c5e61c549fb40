"""Cases, staff, and a sealed history."""

import sqlalchemy as sa
from alembic import op

import records.columns

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


CHANNELS = ("telegram", "zalo", "zalo_bot", "web")
NAMING_A_CHANNEL = (
    "attachment",
    "channeltoken",
    "consent",
    "contact",
    "conversation",
    "delivery",
    "gate",
    "handover",
    "received",
)


def _know_a_fourth_channel() -> None:
    """Let every table that names a channel know the word "zalo_bot"."""
    for table in NAMING_A_CHANNEL:
        with op.batch_alter_table(table) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_channelname"), type_="check")
            batch.create_check_constraint("channelname", sa.column("channel").in_(CHANNELS))


def upgrade() -> None:
    _know_a_fourth_channel()
    op.create_table(
        "datarequest",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "access",
                "export",
                "correct",
                "erase",
                "withdraw",
                name="requestkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
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
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("asked_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("due_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("done_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(length=100), nullable=False),
        sa.Column("outcome", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_datarequest")),
    )
    op.create_table(
        "erasure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=60), nullable=False),
        sa.Column("object", sa.String(length=100), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("at", records.columns.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
    )
    op.create_table(
        "guess",
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
        sa.Column("since", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "user", name=op.f("pk_guess")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("desk", sa.String(length=40), nullable=False),
        sa.Column("permissions", sa.JSON(), nullable=False),
        sa.Column("created_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("disabled_at", records.columns.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("login", name=op.f("uq_staff_login")),
    )
    op.create_table(
        "absence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("deputy_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["deputy_id"],
            ["staff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )
    with op.batch_alter_table("absence", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_absence_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("draft", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "telegram",
                "zalo",
                "web",
                "phone",
                "counter",
                "paper_box",
                "open311",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
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
            nullable=True,
        ),
        sa.Column("user", sa.String(length=100), nullable=True),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("public_text", sa.Text(), nullable=True),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("level", sa.String(length=10), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("quarter", sa.String(length=40), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("hide_photos", sa.Boolean(), nullable=False),
        sa.Column("discreet", sa.Boolean(), nullable=False),
        sa.Column("contact_name", sa.String(length=100), nullable=False),
        sa.Column("contact_phone", sa.String(length=20), nullable=False),
        sa.Column("callback", sa.String(length=100), nullable=False),
        sa.Column("behalf", sa.Boolean(), nullable=False),
        sa.Column("external_code", sa.String(length=40), nullable=False),
        sa.Column("pin_sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "new",
                "assigned",
                "answered",
                "reopened",
                "closed",
                "referred",
                name="feedbackstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("desk", sa.String(length=40), nullable=False),
        sa.Column("about_desk", sa.String(length=40), nullable=False),
        sa.Column("officer_id", sa.Integer(), nullable=True),
        sa.Column("entered_by", sa.Integer(), nullable=True),
        sa.Column("taken_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("clock_from", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("due_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("first_due_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("claim_by", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("next_alert_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("paused_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("pause_until", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("pause_minutes_left", sa.Integer(), nullable=True),
        sa.Column("extended_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("extension_reason", sa.String(length=500), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "resolved",
                "partly",
                "unfounded",
                "duplicate",
                "not_ours",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("closed_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("duplicate_of", sa.Integer(), nullable=True),
        sa.Column("referred_to", sa.String(length=200), nullable=False),
        sa.Column("published_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("erased_at", records.columns.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["closed_by"],
            ["staff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["duplicate_of"],
            ["feedback.id"],
        ),
        sa.ForeignKeyConstraint(
            ["entered_by"],
            ["staff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint("code", name=op.f("uq_feedback_code")),
        sa.UniqueConstraint("draft", name=op.f("uq_feedback_draft")),
        sa.UniqueConstraint("year", "number", name="uq_feedback_number"),
    )
    with op.batch_alter_table("feedback", schema=None) as batch_op:
        batch_op.create_index("ix_feedback_desk", ["desk", "state"], unique=False)
        batch_op.create_index(batch_op.f("ix_feedback_next_alert_at"), ["next_alert_at"], unique=False)
        batch_op.create_index("ix_feedback_person", ["channel", "user"], unique=False)

    op.create_table(
        "invitation",
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("desk", sa.String(length=40), nullable=False),
        sa.Column("made_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("expires_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("used_at", records.columns.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("code_sha256", name=op.f("pk_invitation")),
    )
    op.create_table(
        "restrictedmessage",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("taken_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("due_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("next_alert_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("answered_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["answered_by"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restrictedmessage")),
        sa.UniqueConstraint("code", name=op.f("uq_restrictedmessage_code")),
    )
    op.create_table(
        "room",
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
        sa.Column("desk", sa.String(length=40), nullable=False),
        sa.Column("bound_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("bound_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["bound_by"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("channel", "user", name=op.f("pk_room")),
    )
    with op.batch_alter_table("room", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_room_desk"), ["desk"], unique=False)

    op.create_table(
        "staffaccount",
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
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("bound_at", records.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("channel", "user", name=op.f("pk_staffaccount")),
    )
    with op.batch_alter_table("staffaccount", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staffaccount_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "feedbackentry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "said",
                "added",
                "asked",
                "claimed",
                "transferred",
                "progress",
                "internal",
                "extended",
                "referred",
                "answer",
                "rated",
                "reopened",
                "closed",
                "objected",
                name="entrykind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("at", records.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["feedback_id"],
            ["feedback.id"],
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedbackentry")),
    )
    with op.batch_alter_table("feedbackentry", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedbackentry_feedback_id"), ["feedback_id"], unique=False)

    op.create_table(
        "feedbackphoto",
        sa.Column("feedback_id", sa.Integer(), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.Column("after", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"],
            ["attachment.id"],
        ),
        sa.ForeignKeyConstraint(
            ["feedback_id"],
            ["feedback.id"],
        ),
        sa.PrimaryKeyConstraint("feedback_id", "attachment_id", name=op.f("pk_feedbackphoto")),
    )
    with op.batch_alter_table("feedbackphoto", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_feedbackphoto_attachment_id"), ["attachment_id"], unique=False)

    op.create_table(
        "follower",
        sa.Column("feedback_id", sa.Integer(), nullable=False),
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
        sa.Column("since", records.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["feedback_id"],
            ["feedback.id"],
        ),
        sa.PrimaryKeyConstraint("feedback_id", "channel", "user", name=op.f("pk_follower")),
    )
    op.create_table(
        "restrictedsender",
        sa.Column("message_id", sa.Integer(), nullable=False),
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
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["restrictedmessage.id"],
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_restrictedsender")),
    )
    with op.batch_alter_table("trace", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seq", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("mac", sa.String(length=64), nullable=False, server_default=""))
        batch_op.create_unique_constraint(batch_op.f("uq_trace_seq"), ["seq"])
