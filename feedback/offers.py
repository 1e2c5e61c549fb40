"""What a staff person may do with a case as it stands: the same checks the acts make, asked beforehand."""

from enum import StrEnum

from feedback import listing, routing
from feedback.states import OPEN, allowed
from feedback.work import Work
from records import staff
from records.cases import Feedback, FeedbackState, Permission, Staff


class Offer(StrEnum):
    """One thing that may be done."""

    CLAIM = "claim"
    ASSIGN = "assign"
    PROGRESS = "progress"
    QUESTION = "question"
    EXTENSION = "extension"
    ANSWER = "answer"
    TRANSFER = "transfer"
    REFERRAL = "referral"
    PHOTOS = "photos"
    REMARK = "remark"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"


def of(work: Work, person: Staff, case: Feedback) -> frozenset[Offer]:
    """Return what *person* may do with *case* now; nothing for whoever may not act on it."""
    if not routing.may_answer(work, person, case):
        return frozenset()
    found = {Offer.REMARK} | _spoken(person, case) | _handed(person, case)
    if case.published_at is not None:
        found.add(Offer.WITHDRAW)
    elif listing.may_be_public(case, work.concerns):
        found.add(Offer.PUBLISH)
    return frozenset(found)


def may_call(person: Staff, case: Feedback) -> bool:
    """Tell whether *person* sees how to reach the resident: who holds the case, or gives work out."""
    return case.officer_id == person.id or staff.may(person, Permission.ASSIGN_FEEDBACK)


def _spoken(person: Staff, case: Feedback) -> set[Offer]:
    own = case.officer_id in (None, person.id) or staff.may(person, Permission.ASSIGN_FEEDBACK)
    if case.state not in OPEN or not own:
        return set()
    found = {Offer.PROGRESS, Offer.ANSWER, Offer.PHOTOS}
    if case.channel is not None:
        found.add(Offer.QUESTION)
    if case.extended_at is None:
        found.add(Offer.EXTENSION)
    return found


def _handed(person: Staff, case: Feedback) -> set[Offer]:
    found: set[Offer] = set()
    unclaimed = case.state in (FeedbackState.NEW, FeedbackState.REOPENED)
    if unclaimed and case.officer_id in (None, person.id):
        found.add(Offer.CLAIM)
    if allowed(case.state, FeedbackState.NEW):
        found.add(Offer.TRANSFER)
    if allowed(case.state, FeedbackState.REFERRED):
        found.add(Offer.REFERRAL)
    if staff.may(person, Permission.ASSIGN_FEEDBACK) and allowed(case.state, FeedbackState.ASSIGNED):
        found.add(Offer.ASSIGN)
    return found
