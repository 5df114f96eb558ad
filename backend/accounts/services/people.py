"""Signing in, passwords, and the first account of a new installation."""

from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from backend.accounts.models import Membership, Role, SignInFailure, Team, User
from backend.accounts.secrets import new_password
from backend.foundation.clock import now
from backend.foundation.errors import Invalid, TooMany

GUESS_WINDOW = timedelta(minutes=10)
# By one machine for one person; by one machine; for one person from anywhere.
GUESSES_PAIR, GUESSES_ADDRESS, GUESSES_EMAIL = 8, 60, 100


class WrongEmailOrPassword(Invalid):
    """Which of the two was wrong is not told."""


class TooManyGuesses(TooMany):
    """Too many wrong passwords within some minutes."""


class WrongPassword(Invalid):
    """The present password was not right."""


class WeakPassword(Invalid):
    """A password that is guessed too easily; the message says why."""


class EmailTaken(Invalid):
    """Somebody has this address already."""


def authenticate(*, email: str, password: str, address: str) -> User:
    """The person with this password; every failure is counted, and too many make everyone wait."""
    email = email.strip().lower()
    _refuse_guessing(email=email, address=address)
    user = User.objects.with_email(email).filter(is_active=True).first()
    if user is None:
        make_password(password)  # takes as long as a check, so that the time does not tell who has an account
    elif user.check_password(password):
        SignInFailure.objects.filter(email=email, address=address).delete()
        return user
    SignInFailure.objects.create(email=email[:254], address=address[:64])
    raise WrongEmailOrPassword("The e-mail address or the password is not right.")


def create_user(*, email: str, name: str, password: str) -> User:
    """A new person. Raises `EmailTaken`, `WeakPassword`."""
    email = email.strip().lower()
    if User.objects.with_email(email).exists():
        raise EmailTaken(f"There is an account for {email} already: sign in with it.")
    user = User(email=email, name=name.strip())
    _set_password(user, password)
    user.save()
    return user


def change_password(*, user: User, old: str, new: str) -> User:
    """A new password for somebody who knows the present one; other browsers are signed out by it."""
    if not user.check_password(old):
        raise WrongPassword("The present password is not right.")
    _set_password(user, new)
    user.save(update_fields=["password"])
    return user


def rename(*, user: User, name: str) -> User:
    """The name that others see."""
    user.name = name.strip()
    user.save(update_fields=["name"])
    return user


@transaction.atomic
def ensure_first_owner(*, email: str, password: str) -> tuple[User, str]:
    """The installation's first owner and, when just made, the password (made up when empty); else an empty
    text.
    """
    owner = find_first_owner()
    if owner is not None:
        return owner, ""
    password = password or new_password()
    user = create_user(email=email, name="Owner", password=password)
    team = Team.objects.create(name="My lab")
    Membership.objects.create(team=team, user=user, role=Role.OWNER)
    return user, password


def find_first_owner() -> User | None:
    """The one who has owned a team for longest: in whose name the command line works."""
    owners = Membership.objects.filter(role=Role.OWNER, user__is_active=True).select_related("user")
    first = owners.order_by("created_at", "id").first()
    return first.user if first else None


def sweep() -> None:
    """Forget failures that count no longer."""
    SignInFailure.objects.filter(at__lt=now() - GUESS_WINDOW).delete()


def _refuse_guessing(*, email: str, address: str) -> None:
    since = now() - GUESS_WINDOW
    mine = Q(email=email, address=address)
    limits = ((mine, GUESSES_PAIR), (Q(address=address), GUESSES_ADDRESS), (Q(email=email), GUESSES_EMAIL))
    if any(SignInFailure.objects.filter(who, at__gte=since).count() >= most for who, most in limits):
        minutes = int(GUESS_WINDOW.total_seconds() // 60)
        raise TooManyGuesses(f"Too many wrong passwords. Wait {minutes} minutes and try again.")


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise WeakPassword(" ".join(error.messages)) from error
    user.set_password(password)
