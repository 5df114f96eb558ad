"""Who may see and change which team. One queryset per question."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from backend.accounts.models import Invitation, Membership, Role, Team, Token, User

Person = User | AnonymousUser


def role_at_least(role: Role) -> list[Role]:
    """The roles that may do what `role` may do."""
    return [other for other in Role if other.rank >= role.rank]


def teams_of(user: Person, *, at_least: Role = Role.VIEWER) -> QuerySet[Team]:
    """The teams in which this person has at least this role."""
    if not isinstance(user, User):
        return Team.objects.none()
    roles = role_at_least(at_least)
    return Team.objects.filter(pk__in=Membership.objects.filter(user=user, role__in=roles).values("team"))


def guests_of(user: Person) -> QuerySet[Team]:
    """The teams that this person belongs to at all, as a guest or more."""
    return teams_of(user, at_least=Role.GUEST)


def memberships(user: Person, *, at_least: Role = Role.VIEWER) -> QuerySet[Membership]:
    """All members of the teams in which this person has at least this role; and one's own, which a guest may
    see and end as well."""
    if not isinstance(user, User):
        return Membership.objects.none()
    there = Q(team__in=teams_of(user, at_least=at_least))
    return Membership.objects.filter(there | Q(user=user)).select_related("user", "team")


def invitations(user: Person) -> QuerySet[Invitation]:
    """Invitations that this person may see and withdraw: those of the teams they own."""
    return Invitation.objects.filter(team__in=teams_of(user, at_least=Role.OWNER)).select_related(
        "team", "invited_by"
    )


def tokens_of(user: Person) -> QuerySet[Token]:
    """A person's own tokens; nobody else's."""
    return Token.objects.filter(user=user) if isinstance(user, User) else Token.objects.none()


def role_in(user: Person, team: Team) -> Role | None:
    """This person's role in the team, or None for a stranger."""
    if not isinstance(user, User):
        return None
    role = Membership.objects.filter(user=user, team=team).values_list("role", flat=True).first()
    return Role(role) if role else None
