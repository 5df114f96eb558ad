"""Teams, their members and invitations."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts import policies, selectors
from backend.accounts.api.serializers import (
    AcceptIn,
    InvitationOut,
    MemberIn,
    MemberOut,
    NewInvitationOut,
    OpenInvitationOut,
    RoleIn,
    TeamIn,
    TeamOut,
)
from backend.accounts.api.sessions import person
from backend.accounts.models import Invitation, Membership, Role, Team
from backend.accounts.selectors import get_visible
from backend.accounts.services import invitations, teams
from backend.foundation.errors import Invalid


class NameAndPasswordNeeded(Invalid):
    """A new person must say who they are and choose a password."""


class TeamsView(GenericAPIView[Team]):
    serializer_class = TeamOut
    queryset = Team.objects.none()

    @extend_schema(operation_id="listTeams", responses=TeamOut(many=True))
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(selectors.list_teams(user=person(request)))
        return self.get_paginated_response(TeamOut(page, many=True).data)

    @extend_schema(operation_id="createTeam", request=TeamIn, responses={201: TeamOut})
    def post(self, request: Request) -> Response:
        given = TeamIn(data=request.data)
        given.is_valid(raise_exception=True)
        team = teams.create(by=person(request), **given.validated_data)
        return Response(_team(request, team.pk), status=201)


class TeamView(APIView):
    @extend_schema(operation_id="getTeam", responses=TeamOut)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(_team(request, pk))

    @extend_schema(operation_id="updateTeam", request=TeamIn, responses=TeamOut)
    def patch(self, request: Request, pk: UUID) -> Response:
        given = TeamIn(data=request.data)
        given.is_valid(raise_exception=True)
        team = get_visible(among=policies.teams_of(request.user), pk=pk)
        teams.rename(team=team, by=person(request), **given.validated_data)
        return Response(_team(request, pk))


class MembersView(GenericAPIView[Membership]):
    serializer_class = MemberOut
    queryset = Membership.objects.none()

    @extend_schema(operation_id="listMembers", responses=MemberOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        team = get_visible(among=policies.teams_of(request.user), pk=pk)
        page = self.paginate_queryset(selectors.list_members(team=team))
        return self.get_paginated_response(MemberOut(page, many=True).data)

    @extend_schema(operation_id="addMember", request=MemberIn, responses={201: MemberOut})
    def post(self, request: Request, pk: UUID) -> Response:
        given = MemberIn(data=request.data)
        given.is_valid(raise_exception=True)
        team = get_visible(among=policies.teams_of(request.user), pk=pk)
        member = teams.add_member(team=team, by=person(request), **given.validated_data)
        return Response(MemberOut(member).data, status=201)


class MemberView(APIView):
    @extend_schema(operation_id="updateMember", request=RoleIn, responses=MemberOut)
    def patch(self, request: Request, pk: UUID) -> Response:
        given = RoleIn(data=request.data)
        given.is_valid(raise_exception=True)
        member = get_visible(among=policies.memberships(request.user), pk=pk)
        role = Role(given.validated_data["role"])
        return Response(MemberOut(teams.change_role(membership=member, role=role, by=person(request))).data)

    @extend_schema(operation_id="removeMember", responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        member = get_visible(among=policies.memberships(request.user), pk=pk)
        teams.remove(membership=member, by=person(request))
        return Response(status=204)


class InvitationsView(GenericAPIView[Invitation]):
    serializer_class = InvitationOut
    queryset = Invitation.objects.none()

    def _waiting(self, request: Request, pk: UUID) -> QuerySet[Invitation]:
        team = get_visible(among=policies.teams_of(request.user), pk=pk)
        teams.require_owner(team=team, by=person(request))
        return policies.invitations(request.user).filter(team=team, accepted_at=None)

    @extend_schema(operation_id="listInvitations", responses=InvitationOut(many=True))
    def get(self, request: Request, pk: UUID) -> Response:
        page = self.paginate_queryset(self._waiting(request, pk))
        return self.get_paginated_response(InvitationOut(page, many=True).data)

    @extend_schema(operation_id="createInvitation", request=MemberIn, responses={201: NewInvitationOut})
    def post(self, request: Request, pk: UUID) -> Response:
        given = MemberIn(data=request.data)
        given.is_valid(raise_exception=True)
        team = get_visible(among=policies.teams_of(request.user), pk=pk)
        invitation, secret = invitations.create(team=team, by=person(request), **given.validated_data)
        return Response({**InvitationOut(invitation).data, "token": secret}, status=201)


class WithdrawView(APIView):
    @extend_schema(operation_id="withdrawInvitation", responses={204: None})
    def delete(self, request: Request, team: UUID, pk: UUID) -> Response:
        among = policies.invitations(request.user).filter(team=team)
        invitations.withdraw(invitation=get_visible(among=among, pk=pk), by=person(request))
        return Response(status=204)


class InvitationView(APIView):
    """Behind the link: everyone who has it may look; its secret is what proves the right."""

    permission_classes = [AllowAny]

    @extend_schema(operation_id="getInvitation", responses=OpenInvitationOut)
    def get(self, request: Request, token: str) -> Response:
        invitation = invitations.find_open(secret=token)
        known = invitations.has_account(invitation=invitation)
        invitation.has_account = known  # type: ignore[attr-defined]
        return Response(OpenInvitationOut(invitation).data)

    @extend_schema(operation_id="acceptInvitation", request=AcceptIn, responses={201: MemberOut})
    def post(self, request: Request, token: str) -> Response:
        given = AcceptIn(data=request.data)
        given.is_valid(raise_exception=True)
        if request.user.is_authenticated:
            return Response(
                MemberOut(invitations.accept_as(secret=token, user=person(request))).data, status=201
            )
        if not {"name", "password"} <= given.validated_data.keys():
            raise NameAndPasswordNeeded("Give a name and a password, or sign in first.")
        return Response(
            MemberOut(invitations.accept_as_new(secret=token, **given.validated_data)).data, status=201
        )


def _team(request: Request, pk: UUID) -> dict[str, object]:
    among = selectors.list_teams(user=person(request))
    return TeamOut(get_visible(among=among, pk=pk)).data
