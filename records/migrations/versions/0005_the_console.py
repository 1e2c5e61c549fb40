"""The console: log-ins, sessions, uploads, and what is being prepared there."""

import sqlalchemy as sa
from alembic import op

import records.columns

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "loginmiss",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("since", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_loginmiss")),
    )
    op.create_table(
        "carddraft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "proposed",
                "published",
                "dropped",
                name="draftstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("edition_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["by"],
            ["staff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["staff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["catalogueedition.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carddraft")),
    )
    with op.batch_alter_table("carddraft", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_carddraft_code"), ["code"], unique=False)

    op.create_table(
        "consolesession",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("csrf", sa.String(length=64), nullable=False),
        sa.Column("made_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("seen_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("proved_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("second_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("ended_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("rights", sa.String(length=300), nullable=False),
        sa.Column("device", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_consolesession")),
    )
    with op.batch_alter_table("consolesession", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consolesession_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "contentdraft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("page", sa.String(length=80), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "proposed",
                "published",
                "dropped",
                name="draftstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", records.columns.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["by"],
            ["staff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contentdraft")),
    )
    with op.batch_alter_table("contentdraft", schema=None) as batch_op:
        batch_op.create_index("ix_content_page", ["page", "state"], unique=False)

    op.create_table(
        "halflogin",
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("made_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.Column("code_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_halflogin")),
    )
    with op.batch_alter_table("halflogin", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_halflogin_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "login",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("password_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("totp_secret", sa.String(length=64), nullable=False),
        sa.Column("totp_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("totp_step", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_login")),
    )
    op.create_table(
        "undoable",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("until", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("used_at", records.columns.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_undoable")),
    )
    with op.batch_alter_table("undoable", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_undoable_until"), ["until"], unique=False)

    op.create_table(
        "upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("file", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "received",
                "read",
                "applying",
                "done",
                "failed",
                "dropped",
                name="uploadstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("by", sa.Integer(), nullable=False),
        sa.Column("at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", records.columns.Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["by"],
            ["staff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["importrun.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    with op.batch_alter_table("upload", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_upload_by"), ["by"], unique=False)

    op.create_table(
        "usedform",
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("location", sa.String(length=500), nullable=False),
        sa.Column("told", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_usedform")),
    )
    with op.batch_alter_table("usedform", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_usedform_at"), ["at"], unique=False)

    op.create_table(
        "mergeproposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("keep_id", sa.Integer(), nullable=False),
        sa.Column("drop_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("proposed_by", sa.Integer(), nullable=False),
        sa.Column("proposed_at", records.columns.Instant(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", records.columns.Instant(timezone=True), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["decided_by"],
            ["staff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["keep_id"],
            ["resident.id"],
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mergeproposal")),
    )
    with op.batch_alter_table("mergeproposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mergeproposal_drop_id"), ["drop_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mergeproposal_keep_id"), ["keep_id"], unique=False)
