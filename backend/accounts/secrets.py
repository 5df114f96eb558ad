"""Secrets that are shown once and kept as hashes."""

import hashlib
import secrets

TOKEN_PREFIX = "cyt_"
SECRET_BYTES = 32


def new_token() -> str:
    """A personal token's secret."""
    return TOKEN_PREFIX + secrets.token_urlsafe(SECRET_BYTES)


def new_link() -> str:
    """An invitation's secret, fit for an address."""
    return secrets.token_urlsafe(SECRET_BYTES)


def new_password() -> str:
    """A password that can be read aloud: four groups of letters and digits that are hard to confuse."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(4))


def hash_of(secret: str) -> str:
    """What is kept. The secrets are long and random, so a plain fast hash cannot be searched."""
    return hashlib.sha256(secret.encode()).hexdigest()
