"""Invitations: a link that lets one person into a team, once, for two weeks."""

from datetime import timedelta

from django.db import transaction

from backend.accounts.models import Invitation, Membership, Role, Team, User
from backend.accounts.policies import memberships
from backend.accounts.secrets import hash_of, new_link
from backend.accounts.services import people, teams
from backend.foundation.clock import now
from backend.foundation.errors import Conflict, NotFound

GOOD_FOR = timedelta(days=14)


class InvitationGone(NotFound):
    """Used, withdrawn, too old, or never written."""


class AccountExists(Conflict):
    """The invited address has an account: its owner must sign in to accept."""


class NotYourInvitation(Conflict):
    """Somebody else is signed in than the person who was invited."""


def create(*, team: Team, email: str, role: Role, by: User) -> tuple[Invitation, str]:
    """An invitation and its link's secret, which is not kept. An older one for the same address ends."""
    teams.require_owner(team=team, by=by)
    email = email.strip().lower()
    if memberships(by).filter(team=team, user__email__iexact=email).exists():
        raise teams.AlreadyMember(f"{email} is a member of {team.name} already.")
    secret = new_link()
    with transaction.atomic():
        Invitation.objects.filter(team=team, email=email, accepted_at=None).delete()
        invitation = Invitation.objects.create(
            team=team,
            email=email,
            role=role,
            secret_hash=hash_of(secret),
            invited_by=by,
            expires_at=now() + GOOD_FOR,
        )
    return invitation, secret


def withdraw(*, invitation: Invitation, by: User) -> None:
    """The link leads nowhere from now on."""
    teams.require_owner(team=invitation.team, by=by)
    invitation.delete()


def find_open(*, secret: str) -> Invitation:
    """The invitation behind a link; raises `InvitationGone`."""
    open_ones = Invitation.objects.filter(accepted_at=None, expires_at__gt=now()).select_related(
        "team", "invited_by"
    )
    invitation = open_ones.filter(secret_hash=hash_of(secret)).first()
    if invitation is None:
        raise InvitationGone("This invitation was used, withdrawn or is too old. Ask for a new one.")
    return invitation


def has_account(*, invitation: Invitation) -> bool:
    """Whether the invited person must sign in instead of choosing a password."""
    return User.objects.with_email(invitation.email).exists()


@transaction.atomic
def accept_as_new(*, secret: str, name: str, password: str) -> Membership:
    """Make an account for the invited address and join the team."""
    invitation = _locked(secret)
    if has_account(invitation=invitation):
        raise AccountExists(f"There is an account for {invitation.email}: sign in, then open the link again.")
    user = people.create_user(email=invitation.email, name=name, password=password)
    return _join(invitation, user)


@transaction.atomic
def accept_as(*, secret: str, user: User) -> Membership:
    """Join the team with the account that is signed in, which must be the invited one."""
    invitation = _locked(secret)
    if user.email.lower() != invitation.email.lower():
        raise NotYourInvitation(f"This invitation is for {invitation.email}: sign in with that address.")
    return _join(invitation, user)


def _locked(secret: str) -> Invitation:
    found = find_open(secret=secret)
    invitation = Invitation.objects.select_for_update(of=("self",)).get(pk=found.pk)
    if invitation.accepted_at is not None:
        raise InvitationGone("This invitation was used already.")
    return invitation


def _join(invitation: Invitation, user: User) -> Membership:
    invitation.accepted_at, invitation.accepted_by = now(), user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    return teams.join(team=invitation.team, user=user, role=Role(invitation.role))
