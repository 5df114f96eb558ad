"""The cast: one lab's people, and a stranger who must see nothing."""

from dataclasses import dataclass

from backend.accounts.models import Membership, Role, Team, User

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Cast:
    """Ana owns the lab, Mia manages, Cleo reviews, Ben labels, Vic views; Dan owns another lab."""

    team: Team
    ana: User
    mia: User
    cleo: User
    ben: User
    vic: User
    dan: User
    dans_team: Team


def person(name: str) -> User:
    """A user whose address is `name@lab.example`."""
    user = User(email=f"{name.lower()}@lab.example", name=name)
    user.set_password(PASSWORD)
    user.save()
    return user


def gather() -> Cast:
    """Everybody, saved."""
    team, dans_team = Team.objects.create(name="Ana's lab"), Team.objects.create(name="Dan's lab")
    roles = {
        "Ana": Role.OWNER,
        "Mia": Role.MANAGER,
        "Cleo": Role.REVIEWER,
        "Ben": Role.ANNOTATOR,
        "Vic": Role.VIEWER,
    }
    people = {name: person(name) for name in (*roles, "Dan")}
    for name, role in roles.items():
        Membership.objects.create(team=team, user=people[name], role=role)
    Membership.objects.create(team=dans_team, user=people["Dan"], role=Role.OWNER)
    return Cast(team=team, dans_team=dans_team, **{name.lower(): user for name, user in people.items()})
