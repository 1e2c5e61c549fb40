"""A ward in the middle of its work, every text of which may be hostile: something stands on every page."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import cycle

from console.door import Door, Who
from console.doors import DOORS
from records import trace
from records.cases import (
    DataRequest,
    EntryKind,
    Feedback,
    FeedbackEntry,
    FeedbackState,
    Permission,
    RequestKind,
    RestrictedMessage,
    Source,
    Staff,
)
from records.console import MergeProposal, Upload, UploadState
from records.letters import (
    CivilEvent,
    Dossier,
    DossierState,
    EventKind,
    Household,
    ImportRun,
    Letter,
    LetterState,
    Recipient,
    Resident,
    ResidentAddress,
    Route,
)
from records.tables import ChannelName, Delivery, DeliveryState, Purpose, UnansweredQuestion
from tests.console.bench import Console

HOSTILE = (
    "<script>window.broken=1</script>",
    "<img src=x onerror=window.broken=1>",
    '"><svg onload=window.broken=1>',
    "'-window.broken=1-'",
    "javascript:window.broken=1",
    "</textarea><script>window.broken=1</script>",
    "<details open ontoggle=window.broken=1>",
    "{{ 7*7 }}{% raw %}",
    "<a href=javascript:window.broken=1>bấm</a>",
    "--><iframe srcdoc='<script>parent.broken=1</script>'>",
)
PLAIN = ("Nguyễn Thị Thử", "Lê Văn Mẫu", "Hẻm 12 đường Lê Lợi", "Rác để ba ngày chưa thu gom")
EVERYTHING = "doan.thi.minh.thinh"  # the chair, who is named for the restricted box, with every right


def words(texts: tuple[str, ...]) -> Callable[[], str]:
    """Return what gives one text after another, for ever."""
    known: Iterator[str] = cycle(texts)
    return lambda: next(known)


async def furnish(console: Console, texts: tuple[str, ...] = PLAIN) -> dict[str, list[str]]:
    """Put rows in every table; return, for each kind of address, what stands in its place."""
    say, now = words(texts), console.clock()
    desk = console.office.shelf.ward.desks.leadership
    staff = await console.hire(EVERYTHING, *Permission, desk=desk)
    async with console.office.database.writing() as db:
        db.add(Staff(login="x", name=say(), created_at=now, permissions=["answer_feedback"]))
        home = Household(quarter="khu phố 1", address=say())
        db.add(home)
        await db.flush()
        people = [
            Resident(
                name=say(), folded="x", born_year=1980, address=say(), household_id=home.id, added_at=now
            )
            for _ in range(3)
        ]
        cases = [
            Feedback(
                code=f"PA26-{number:04}-0",
                year=2026,
                number=number,
                draft=f"d{number}",
                kind="report",
                source=Source.WEB,
                channel=ChannelName.WEB,
                user="u1",
                title=say()[:100],
                text=say(),
                public_text=say(),
                category="waste",
                level="normal",
                place=say(),
                desk=desk,
                contact_name=say(),
                state=state,
                officer_id=staff.id if state is not FeedbackState.NEW else None,
                taken_at=now,
                clock_from=now,
                due_at=now + timedelta(hours=5),
                first_due_at=now,
            )
            for number, state in enumerate(FeedbackState, 1)
        ]
        event = CivilEvent(
            key="birth:1",
            kind=EventKind.BIRTH,
            happened_on=now.date(),
            facts={"child": say(), "mother": say()},
            facts_sha256="0",
            noted_at=now,
            changed_at=now,
            considered_at=now,
        )
        run = ImportRun(kind="births", file=say(), sha256="0", by=say(), at=now, counts={"new": 1})
        dossier = Dossier(
            receipt_code="H99.26-000001",
            procedure_name=say(),
            applicant_name=say(),
            state=DossierState.READY,
            taken_on=now.date(),
            current_due_on=now.date(),
            changed_at=now,
            delay_reason=say(),
        )
        request = DataRequest(
            kind=RequestKind.CORRECT,
            channel=ChannelName.WEB,
            user="u1",
            detail=say(),
            asked_at=now,
            due_at=now,
        )
        db.add_all([*people, *cases, event, run, dossier, request])
        await db.flush()
        merge = MergeProposal(
            keep_id=people[0].id or 0,
            drop_id=people[1].id or 0,
            reason=say(),
            proposed_by=(staff.id or 0) + 1,
            proposed_at=now,
        )
        upload = Upload(
            kind="births",
            file=say(),
            sha256="0",
            state=UploadState.DROPPED,
            by=staff.id or 0,
            at=now,
            changed_at=now,
        )
        db.add_all([merge, upload])
        letter = Letter(
            event_id=event.id,
            event_revision=1,
            template="birth_congratulation",
            state=LetterState.INCOMPLETE,
            gap="child",
            reason=say(),
            drafted_at=now,
            facts={"child": say()},
        )
        db.add(letter)
        await db.flush()
        for case in cases:
            for kind in (EntryKind.SAID, EntryKind.INTERNAL, EntryKind.ANSWER):
                db.add(FeedbackEntry(feedback_id=case.id or 0, kind=kind, text=say(), public=True, at=now))
        db.add(Recipient(letter_id=letter.id or 0, name=say(), address=say(), route=Route.PAPER, why=say()))
        db.add(
            ResidentAddress(
                channel=ChannelName.WEB,
                user="u1",
                resident_id=people[0].id or 0,
                verified_at=now,
                verified_by=say(),
            )
        )
        db.add(UnansweredQuestion(key="q", question=say(), first_at=now, last_at=now))
        db.add(
            RestrictedMessage(code="KIN-2345678", text=say(), taken_at=now, due_at=now + timedelta(days=1))
        )
        db.add(
            Delivery(
                key=f"letter:{letter.id}:0",
                channel=ChannelName.WEB,
                user="u1",
                purpose=Purpose.LETTER,
                urgency=int(Purpose.LETTER.urgency),
                text=say(),
                state=DeliveryState.DOUBTFUL,
                error=say(),
                created_at=now,
                due_at=now,
            )
        )
        await trace.leave(db, who=say(), what="feedback.viewed", on=say(), detail={"x": say()}, now=now)
        return {
            "phan-anh": [case.code for case in cases],
            "can-bo": [str(staff.id), str((staff.id or 0) + 1)],
            "thu": [str(letter.id)],
            "phan-anh/hop-kin": ["KIN-2345678"],
            "nguoi-dan": [str(one.id) for one in people[:1]],
            "nguoi-dan/gop": [str(merge.id)],
            "nguoi-dan/yeu-cau": [str(request.id)],
            "nguoi-dan/ho-so": [dossier.receipt_code],
            "nhap": [str(upload.id)],
        }


def pages(known: dict[str, list[str]]) -> list[str]:
    """Return every page there is: without a number in its address, and with each number we know."""
    found: list[str] = []
    for door in shown():
        head, *more = re.split(r"/\{(?:[^{}]|\{[^{}]*\})*\}", door.path)
        if not more:
            found.append(head)
        elif len(more) == 1:
            found += [f"{head}/{number}{more[0]}" for number in known.get(head.strip("/"), [])]
    return found


def shown() -> list[Door]:
    """Return the doors behind which there is a page to look at."""
    files = (".pdf", ".png", ".jpg", ".xlsx", ".csv", ".txt", ".toml", ".json")
    return [
        door
        for door in DOORS
        if door.method == "GET"
        and door.needs is not Who.ANYBODY
        and "{kind" not in door.path
        and not door.path.endswith(files)
        and "/anh" not in door.path
        and "tien-do" not in door.path
        and "/dien-bien" not in door.path
    ]
