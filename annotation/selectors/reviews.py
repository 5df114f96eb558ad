"""Reading reviews: the project's rule, whose work it is, and what was changed after it was accepted."""

from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from annotation.models import Branch, Project, Review, ReviewRule, Revision, Task, TaskState
from annotation.selectors import projects
from backend.accounts.models import Role, User


def rule_of(*, project: Project) -> ReviewRule:
    """The project's rule; where none was made, everything is looked at."""
    return ReviewRule.objects.filter(project=project).first() or ReviewRule(project=project)


def has_other_reviewer(*, project: Project, than: User) -> bool:
    """Is there anybody else who could accept?"""
    people = projects.list_people(project=project)
    return any(p.role and p.role.rank >= Role.REVIEWER.rank and p.user != than for p in people)


def authors_between(*, branch_id: UUID, after: int, until: int) -> set[UUID | None]:
    """Who made the revisions after one number and up to another; None stands for models and imports."""
    rows = Revision.objects.filter(branch=branch_id, number__gt=after, number__lte=until)
    return set(rows.order_by().values_list("author", flat=True).distinct())


def accepted_number(*, branch_id: UUID, before: int | None = None) -> int:
    """The newest accepted revision of a branch, older than `before` where that is given; 0 for none."""
    rows = Revision.objects.accepted().filter(branch=branch_id)
    rows = rows if before is None else rows.filter(number__lt=before)
    return rows.order_by("-number").values_list("number", flat=True).first() or 0


def changed_after_acceptance(*, project: Project, user: User) -> QuerySet[Branch]:
    """The branches people see whose labels were changed after they were accepted, and which wait for no
    review yet, each with `accepted_number`, `changed_by` and `changed_at`."""
    accepted = Revision.objects.accepted().filter(branch=OuterRef("pk")).order_by("-accepted_at", "-number")
    head = Revision.objects.filter(branch=OuterRef("pk"), number=OuterRef("head_number"))
    waiting = Task.objects.filter(branch=OuterRef("pk"), state=TaskState.SUBMITTED)
    shown = Branch.objects.visible_to(user)
    branches = shown.filter(image__dataset__project=project, current_of__isnull=False)
    return (
        branches.annotate(
            accepted_number=Subquery(accepted.values("number")[:1]),
            changed_by=Subquery(head.values("author__name")[:1]),
            changed_at=Subquery(head.values("created_at")[:1]),
        )
        .filter(head_number__gt=F("accepted_number"))
        .exclude(Exists(waiting))
        .select_related("image__dataset")
        .order_by("-changed_at", "pk")
    )


def list_passed(*, project: Project, user: User) -> QuerySet[Review]:
    """What was accepted by rule, unseen, the newest first, of the tasks that `user` may see."""
    tasks = Task.objects.visible_to(user).filter(project=project)
    rows = Review.objects.filter(task__in=tasks, by_rule=True)
    return rows.select_related("task__image", "revision").order_by("-created_at")
