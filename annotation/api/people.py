"""How a person is named in the answers of this office: without the address."""

from rest_framework import serializers

from backend.accounts.models import User


class AuthorOut(serializers.ModelSerializer[User]):
    """A person by name."""

    class Meta:
        model = User
        fields = ["id", "name"]
