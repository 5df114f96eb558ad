"""What goes in and out."""

from typing import Any

from rest_framework import serializers

from backend.accounts.models import Invitation, Membership, Role, Team, Token, User


class MyTeamOut(serializers.ModelSerializer[Membership]):
    """A team I am in, with what I may do there."""

    id = serializers.UUIDField(source="team.id")
    name = serializers.CharField(source="team.name")
    role = serializers.ChoiceField(choices=Role.choices)

    class Meta:
        model = Membership
        fields = ["id", "name", "role"]


class PersonOut(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ["id", "email", "name"]


class MeOut(serializers.ModelSerializer[User]):
    teams = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = ["id", "email", "name", "created_at", "teams"]

    def get_teams(self, user: User) -> list[dict[str, str]]:
        return MyTeamOut(user.memberships.select_related("team").order_by("team__name"), many=True).data  # type: ignore[return-value]


class MeIn(serializers.Serializer[User]):
    name = serializers.CharField(max_length=120)


class SessionIn(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=1000, trim_whitespace=False)


class SessionOut(serializers.Serializer[Any]):
    """Who is signed in; null when nobody is."""

    user = MeOut(allow_null=True)


class PasswordIn(serializers.Serializer[Any]):
    old = serializers.CharField(max_length=1000, trim_whitespace=False)
    new = serializers.CharField(max_length=1000, trim_whitespace=False)


class TokenIn(serializers.Serializer[Token]):
    name = serializers.CharField(max_length=120)


class TokenOut(serializers.ModelSerializer[Token]):
    class Meta:
        model = Token
        fields = ["id", "name", "hint", "created_at", "last_used_at"]


class NewTokenOut(TokenOut):
    """With the secret, this one time."""

    secret = serializers.CharField()

    class Meta(TokenOut.Meta):
        fields = [*TokenOut.Meta.fields, "secret"]


class TeamIn(serializers.Serializer[Team]):
    name = serializers.CharField(max_length=120)


class TeamOut(serializers.ModelSerializer[Team]):
    role = serializers.ChoiceField(choices=Role.choices)
    member_count = serializers.IntegerField()

    class Meta:
        model = Team
        fields = ["id", "name", "role", "member_count", "created_at"]


class MemberIn(serializers.Serializer[Membership]):
    email = serializers.EmailField(max_length=254)
    role = serializers.ChoiceField(choices=Role.choices, default=Role.ANNOTATOR)


class RoleIn(serializers.Serializer[Membership]):
    role = serializers.ChoiceField(choices=Role.choices)


class MemberOut(serializers.ModelSerializer[Membership]):
    user = PersonOut()

    class Meta:
        model = Membership
        fields = ["id", "user", "role", "created_at"]


class InvitationOut(serializers.ModelSerializer[Invitation]):
    """What an owner sees of an invitation that waits."""

    invited_by = PersonOut()

    class Meta:
        model = Invitation
        fields = ["id", "email", "role", "invited_by", "created_at", "expires_at"]


class NewInvitationOut(InvitationOut):
    """With the link's secret, this one time."""

    token = serializers.CharField()

    class Meta(InvitationOut.Meta):
        fields = [*InvitationOut.Meta.fields, "token"]


class OpenInvitationOut(serializers.ModelSerializer[Invitation]):
    """What the invited person sees behind the link."""

    team = serializers.CharField(source="team.name")
    invited_by = serializers.CharField(source="invited_by.name")
    has_account = serializers.BooleanField()

    class Meta:
        model = Invitation
        fields = ["email", "role", "team", "invited_by", "has_account", "expires_at"]


class AcceptIn(serializers.Serializer[Any]):
    """A new person's name and password; left out by somebody who is signed in."""

    name = serializers.CharField(max_length=120, required=False)
    password = serializers.CharField(max_length=1000, trim_whitespace=False, required=False)
