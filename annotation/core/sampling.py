"""Which ones are in a share: drawn by a seed, the same at every asking, whatever else there is."""

import hashlib

SPAN = 2**64


def is_drawn(*, seed: int, key: str, percent: float) -> bool:
    """Whether `key` is among the `percent` of all keys; what is in a share is in every larger one as well."""
    digest = hashlib.blake2b(f"{seed}:{key}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") < percent / 100 * SPAN
