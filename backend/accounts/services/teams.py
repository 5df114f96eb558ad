"""Teams, members and roles. A team never loses its last owner."""

from django.db import transaction

from backend.accounts.models import Membership, Role, Team, User
from backend.accounts.policies import memberships, role_in
from backend.foundation.errors import Conflict, Invalid, NotAllowed


class OwnersOnly(NotAllowed):
    """Only an owner of the team may do this."""


class LastOwner(Conflict):
    """The team would be left without an owner."""


class AlreadyMember(Conflict):
    """This person is in the team."""


class NotKnownToYou(Invalid):
    """Nobody of this address shares a team with the asker. Whether there is an account is not told."""


def create(*, name: str, by: User) -> Team:
    """A new team, owned by the person who makes it."""
    with transaction.atomic():
        team = Team.objects.create(name=name.strip())
        Membership.objects.create(team=team, user=by, role=Role.OWNER)
    return team


def rename(*, team: Team, name: str, by: User) -> Team:
    """Give the team another name."""
    require_owner(team=team, by=by)
    team.name = name.strip()
    team.save(update_fields=["name"])
    return team


def add_member(*, team: Team, email: str, role: Role, by: User) -> Membership:
    """Bring in somebody with whom the owner shares another team already; everyone else is invited by a
    link.
    """
    require_owner(team=team, by=by)
    known = memberships(by).filter(user__email__iexact=email.strip()).first()
    if known is None:
        raise NotKnownToYou(f"{email} is in none of your teams yet: send an invitation.")
    return join(team=team, user=known.user, role=role)


def join(*, team: Team, user: User, role: Role) -> Membership:
    """Make this person a member. Whoever calls this has asked whether it is allowed."""
    membership, made = Membership.objects.get_or_create(team=team, user=user, defaults={"role": role})
    if not made:
        raise AlreadyMember(f"{user.name} is a member of {team.name} already.")
    return membership


def change_role(*, membership: Membership, role: Role, by: User) -> Membership:
    """Let a member do more, or less."""
    require_owner(team=membership.team, by=by)
    with transaction.atomic():
        _keep_an_owner(membership, staying=role == Role.OWNER)
        membership.role = role
        membership.save(update_fields=["role"])
    return membership


def remove(*, membership: Membership, by: User) -> None:
    """Take somebody out of the team; oneself at any time, others as owner."""
    if membership.user_id != by.pk:
        require_owner(team=membership.team, by=by)
    with transaction.atomic():
        _keep_an_owner(membership, staying=False)
        membership.delete()


def require_owner(*, team: Team, by: User) -> None:
    """Raises `OwnersOnly` unless this person owns the team."""
    if role_in(by, team) != Role.OWNER:
        raise OwnersOnly(f"Only an owner of {team.name} may do this.")


def _keep_an_owner(leaving: Membership, *, staying: bool) -> None:
    """Lock the team first: two owners who leave at the same moment must not both find the other still
    there.
    """
    Team.objects.select_for_update().get(pk=leaving.team_id)
    others = Membership.objects.filter(team=leaving.team_id, role=Role.OWNER).exclude(pk=leaving.pk)
    if not staying and not others.exists():
        raise LastOwner("A team needs an owner: make somebody else owner first.")
