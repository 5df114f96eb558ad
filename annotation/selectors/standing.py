"""Reading the standing rules of projects, and what they have still to give."""

from annotation.models import Project, StandingRule, Task, TaskState
from annotation.models.tasks import TaskQuerySet
from annotation.policies import access
from backend.accounts.models import Role, User


def rule_of(*, project: Project) -> StandingRule:
    """The project's rule; where none was made, nothing is shared out by itself."""
    return StandingRule.objects.filter(project=project).first() or StandingRule(project=project)


def people_of(*, rule: StandingRule) -> list[User]:
    """Whom the rule names, by name."""
    named = StandingRule.objects.filter(pk=rule.pk).values("people")
    return list(User.objects.filter(pk__in=named).order_by("name", "pk"))


def labellers(*, rule: StandingRule) -> list[User]:
    """Those whom the rule names and who may label still."""
    roles = {person: access.role_or_none(person, rule.project) for person in people_of(rule=rule)}
    return [person for person, role in roles.items() if role and role.rank >= Role.ANNOTATOR.rank]


def made_by_rule() -> TaskQuerySet:
    """Tasks that nobody made by hand and nobody holds, but for repetitions, which have their person."""
    rows = Task.objects.filter(state=TaskState.OPEN, created_by__isnull=True)
    return rows.filter(repeat_after_days__isnull=True).order_by()


def waiting(*, rule: StandingRule) -> TaskQuerySet:
    """What the rule has still to give, most urgent first."""
    rows = made_by_rule().filter(project=rule.project_id)
    if rule.dataset_id is not None:
        rows = rows.filter(image__dataset=rule.dataset_id)
    return rows.in_queue_order()
