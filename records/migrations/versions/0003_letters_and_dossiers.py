"""Letters and dossiers."""

import sqlalchemy as sa
from alembic import op

import records.columns

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "household",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("mourning_until", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household")),
    )
    with op.batch_alter_table("household", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_household_quarter"), ["quarter"], unique=False)

    op.create_table(
        "importrun",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=100), nullable=False),
        sa.Column("at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("undone_at", records.columns.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_importrun")),
    )
    op.create_table(
        "civilevent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "marriage",
                "birth",
                "death_reported",
                "death_registered",
                "due_soon",
                "overdue",
                "contribution",
                "valuable_feedback",
                "initiative_recognised",
                "achievement",
                "service_fault_confirmed",
                "dossier_lost_or_wrong",
                name="eventkind",
                native_enum=False,
                create_constraint=True,
            ),
            nullable=False,
        ),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("facts_sha256", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("reported_by", sa.String(length=100), nullable=False),
        sa.Column("confirmed_by", sa.String(length=100), nullable=False),
        sa.Column("noted_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("changed_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("considered_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("cancelled_at", records.columns.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["importrun.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_civilevent")),
        sa.UniqueConstraint("key", name=op.f("uq_civilevent_key")),
    )
    with op.batch_alter_table("civilevent", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_civilevent_considered_at"), ["considered_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_civilevent_import_id"), ["import_id"], unique=False)

    op.create_table(
        "resident",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("folded", sa.String(length=100), nullable=False),
        sa.Column("gender", sa.String(length=10), nullable=False),
        sa.Column("born_year", sa.Integer(), nullable=True),
        sa.Column("born_on", sa.Date(), nullable=True),
        sa.Column("quarter", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("household_id", sa.Integer(), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("deceased_on", sa.Date(), nullable=True),
        sa.Column("added_at", records.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["household_id"],
            ["household.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resident")),
    )
    with op.batch_alter_table("resident", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_resident_household_id"), ["household_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_resident_phone"), ["phone"], unique=False)
        batch_op.create_index("ix_resident_same", ["folded", "born_year", "quarter"], unique=False)

    op.create_table(
        "dossier",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("receipt_code", sa.String(length=60), nullable=False),
        sa.Column("procedure_code", sa.String(length=20), nullable=False),
        sa.Column("procedure_name", sa.String(length=300), nullable=False),
        sa.Column("unit", sa.String(length=100), nullable=False),
        sa.Column("applicant_id", sa.Integer(), nullable=True),
        sa.Column("applicant_name", sa.String(length=100), nullable=False),
        sa.Column("applicant_phone", sa.String(length=20), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "taken",
                "supplement",
                "suspended",
                "ready",
                "handed",
                "rejected",
                "withdrawn",
                name="dossierstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.Column("taken_on", sa.Date(), nullable=False),
        sa.Column("original_due_on", sa.Date(), nullable=True),
        sa.Column("current_due_on", sa.Date(), nullable=True),
        sa.Column("reappointments", sa.Integer(), nullable=False),
        sa.Column("delay_reason", sa.String(length=500), nullable=False),
        sa.Column("ready_on", sa.Date(), nullable=True),
        sa.Column("handed_on", sa.Date(), nullable=True),
        sa.Column("changed_at", records.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["applicant_id"],
            ["resident.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier")),
        sa.UniqueConstraint("receipt_code", name=op.f("uq_dossier_receipt_code")),
    )
    with op.batch_alter_table("dossier", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dossier_applicant_id"), ["applicant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_current_due_on"), ["current_due_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_dossier_original_due_on"), ["original_due_on"], unique=False)

    op.create_table(
        "letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=True),
        sa.Column("event_revision", sa.Integer(), nullable=False),
        sa.Column("occasion", sa.String(length=100), nullable=True),
        sa.Column("audience", sa.String(length=40), nullable=False),
        sa.Column("audience_sha256", sa.String(length=64), nullable=False),
        sa.Column("audience_size", sa.Integer(), nullable=False),
        sa.Column("template", sa.String(length=60), nullable=False),
        sa.Column("template_version", sa.Integer(), nullable=False),
        sa.Column("template_sha256", sa.String(length=64), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("text_sha256", sa.String(length=64), nullable=False),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "incomplete",
                "drafted",
                "checked",
                "signed",
                "released",
                "finished",
                "rejected",
                "halted",
                "withheld",
                name="letterstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("gap", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("document_date", sa.Date(), nullable=True),
        sa.Column("check_code", sa.String(length=12), nullable=True),
        sa.Column("drafted_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("drafted_by", sa.Integer(), nullable=True),
        sa.Column("checked_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("checked_by", sa.Integer(), nullable=True),
        sa.Column("signed_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("signed_by", sa.Integer(), nullable=True),
        sa.Column("due_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("stale_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("cursor", sa.Integer(), nullable=False),
        sa.Column("finished_at", records.columns.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["checked_by"],
            ["staff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["drafted_by"],
            ["staff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["event_id"],
            ["civilevent.id"],
        ),
        sa.ForeignKeyConstraint(
            ["signed_by"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
        sa.UniqueConstraint("check_code", name=op.f("uq_letter_check_code")),
        sa.UniqueConstraint("event_id", "template", name="uq_letter_event"),
        sa.UniqueConstraint("occasion", name=op.f("uq_letter_occasion")),
        sa.UniqueConstraint("year", "number", name="uq_letter_number"),
    )
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.create_index("ix_letter_state", ["state", "due_at"], unique=False)

    op.create_table(
        "residentaddress",
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
        sa.Column("resident_id", sa.Integer(), nullable=False),
        sa.Column("verified_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("verified_by", sa.String(length=100), nullable=False),
        sa.Column("closed_at", records.columns.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["resident_id"],
            ["resident.id"],
        ),
        sa.PrimaryKeyConstraint("channel", "user", name=op.f("pk_residentaddress")),
    )
    with op.batch_alter_table("residentaddress", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_residentaddress_resident_id"), ["resident_id"], unique=False)

    op.create_table(
        "dossierwatch",
        sa.Column("dossier_id", sa.Integer(), nullable=False),
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
        sa.Column("told_at", records.columns.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["dossier_id"],
            ["dossier.id"],
        ),
        sa.PrimaryKeyConstraint("dossier_id", "channel", "user", name=op.f("pk_dossierwatch")),
    )
    op.create_table(
        "recipient",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("resident_id", sa.Integer(), nullable=True),
        sa.Column("candidates", sa.JSON(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("quarter", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column(
            "route",
            sa.Enum(
                "undecided",
                "chat",
                "waiting",
                "paper",
                "none",
                name="route",
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
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("handed_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("handed_by", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["letter_id"],
            ["letter.id"],
        ),
        sa.ForeignKeyConstraint(
            ["resident_id"],
            ["resident.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipient")),
        sa.UniqueConstraint("letter_id", "place", name="uq_recipient_place"),
    )
    with op.batch_alter_table("recipient", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recipient_letter_id"), ["letter_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_recipient_resident_id"), ["resident_id"], unique=False)
