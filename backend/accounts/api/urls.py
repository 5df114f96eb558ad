"""The addresses of accounts, below /api/v1/."""

from django.urls import path

from backend.accounts import openapi as openapi  # tells the document how one signs in
from backend.accounts.api import sessions, teams, tokens

urlpatterns = [
    path("session/", sessions.SessionView.as_view(), name="session"),
    path("me/", sessions.MeView.as_view(), name="me"),
    path("me/password/", sessions.PasswordView.as_view(), name="password"),
    path("tokens/", tokens.TokensView.as_view(), name="tokens"),
    path("tokens/<uuid:pk>/", tokens.TokenView.as_view(), name="token"),
    path("teams/", teams.TeamsView.as_view(), name="teams"),
    path("teams/<uuid:pk>/", teams.TeamView.as_view(), name="team"),
    path("teams/<uuid:pk>/members/", teams.MembersView.as_view(), name="members"),
    path("members/<uuid:pk>/", teams.MemberView.as_view(), name="member"),
    path("teams/<uuid:pk>/invitations/", teams.InvitationsView.as_view(), name="invitations"),
    path("teams/<uuid:team>/invitations/<uuid:pk>/", teams.WithdrawView.as_view(), name="withdraw"),
    path("invitations/<str:token>/", teams.InvitationView.as_view(), name="invitation"),
]
