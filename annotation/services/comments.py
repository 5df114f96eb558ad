"""Comments: written at a place, answered, changed by who wrote them, settled."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from annotation.core.mentions import mentioned
from annotation.models import Branch, Comment, Image, Place, veil
from annotation.policies import access
from annotation.selectors import labels as reading
from annotation.selectors import projects as people
from annotation.services import news
from backend.accounts.models import Role, User
from backend.foundation import events
from backend.foundation.clock import now
from backend.foundation.errors import Invalid, NotAllowed


@dataclass(frozen=True, slots=True)
class At:
    """Where a comment is pinned: the fewer is told, the larger the place. y, x px of the full image; `zoom`
    screen px per image px."""

    place: str = Place.IMAGE
    t: int | None = None
    z: int | None = None
    y: float | None = None
    x: float | None = None
    cell: int | None = None
    zoom: float | None = None


class PlaceIncomplete(Invalid):
    """A pixel needs a frame, y and x; a cell needs its branch."""


class NotYourComment(NotAllowed):
    """People change their own words only; managers may take away what others wrote."""


class AnswersAreFlat(Invalid):
    """An answer belongs to the comment that began, not to another answer, and to the same image."""


@transaction.atomic
def write(*, image: Image, text: str, at: At, branch: Branch | None = None, by: User) -> Comment:
    """Begin a conversation about a place of the image."""
    access.require(by, image.dataset.project, Role.ANNOTATOR)
    # What a blind rater says of the image is about their own labels, and read by those who may see these.
    branch = branch or Branch.objects.filter(tasks__in=veil.own_blind_tasks(by), image=image).first()
    _check(image, branch, at)
    comment = Comment.objects.create(
        image=image, branch=branch, author=by, text=text, place=at.place, t=at.t, z=at.z, y=at.y, x=at.x,
        cell=at.cell, zoom=at.zoom,
    )  # fmt: skip
    return _told(comment, by)


@transaction.atomic
def answer(*, thread: Comment, text: str, by: User) -> Comment:
    """Say something to a conversation; a settled one is open again."""
    access.require(by, thread.image.dataset.project, Role.ANNOTATOR)
    if thread.thread_id is not None:
        raise AnswersAreFlat("Answer the comment with which the conversation began.")
    comment = Comment.objects.create(
        image=thread.image, branch=thread.branch, thread=thread, author=by, text=text
    )
    if thread.resolved_at is not None:
        Comment.objects.filter(pk=thread.pk).update(resolved_at=None, resolved_by=None)
    return _told(comment, by)


def _check(image: Image, branch: Branch | None, at: At) -> None:
    if branch is not None and branch.image_id != image.pk:
        raise PlaceIncomplete("The branch belongs to another image.")
    if at.t is not None:
        reading.check_frame(image=image, t=at.t, z=at.z or 0)
    needs = {
        Place.FRAME: (at.t, at.z),
        Place.PIXEL: (at.t, at.z, at.y, at.x),
        Place.CELL: (at.cell, branch),
        Place.TRACK: (at.cell, branch),
    }
    if None in needs.get(Place(at.place), ()):
        raise PlaceIncomplete(
            "A frame needs t and z, a pixel y and x as well; a cell or a track needs its number and branch."
        )


def _told(comment: Comment, by: User) -> Comment:
    _name(comment)
    _announce(comment)
    news.commented(comment=comment, by=by)
    return comment


def _name(comment: Comment) -> None:
    """Remember who is called by name."""
    there = people.list_people(project=comment.image.dataset.project)
    named = mentioned(comment.text, (person.user.name for person in there))
    comment.mentioned.set([person.user for person in there if person.user.name in named])


@transaction.atomic
def change(*, comment: Comment, text: str, by: User) -> Comment:
    """Say it in other words; who is named newly is not told again."""
    access.require(by, comment.image.dataset.project, Role.ANNOTATOR)
    if comment.author_id != by.pk:
        raise NotYourComment("Only who wrote a comment changes it.")
    comment.text, comment.changed_at = text, now()
    comment.save(update_fields=["text", "changed_at"])
    _name(comment)
    _announce(comment)
    return comment


@transaction.atomic
def resolve(*, comment: Comment, resolved: bool, by: User) -> Comment:
    """Settle a conversation, or open it again."""
    access.require(by, comment.image.dataset.project, Role.ANNOTATOR)
    if comment.thread_id is not None:
        raise AnswersAreFlat("A conversation is settled at the comment with which it began.")
    if resolved == (comment.resolved_at is not None):
        return comment
    comment.resolved_at, comment.resolved_by = (now(), by) if resolved else (None, None)
    comment.save(update_fields=["resolved_at", "resolved_by"])
    _announce(comment)
    if resolved:
        news.resolved(comment=comment, by=by)
    return comment


@transaction.atomic
def delete(*, comment: Comment, by: User) -> None:
    """Take a comment away, and the answers to it. Its author, or a manager."""
    least = Role.ANNOTATOR if comment.author_id == by.pk else Role.MANAGER
    access.require(by, comment.image.dataset.project, least)
    _announce(comment)
    comment.delete()


def _announce(comment: Comment) -> None:
    project: UUID = comment.image.dataset.project_id
    facts = {"image": comment.image_id, "branch": comment.branch_id}
    events.publish("comment.changed", project=project, id=comment.pk, **facts)
