"""Letters to other programs over HTTP: to where they were meant to go, and nowhere inside by accident."""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings

from backend.foundation.errors import Invalid

TIMEOUT_S = 10.0
PORTS = {"http": 80, "https": 443}


class BadAddress(Invalid):
    """An address that letters are not sent to; the message says why."""


class NotDelivered(Exception):
    """Nobody took the letter; the message says what happened."""


def check(url: str) -> None:
    """Raises `BadAddress` for what is no plain http(s) address. Asks nobody."""
    place = urlsplit(url)
    if place.scheme not in PORTS or not place.hostname:
        raise BadAddress("The address must begin with https:// or http:// and name a machine.")
    if place.username or place.password:
        raise BadAddress("The address must not hold a user name or a password.")


def post(url: str, *, body: bytes, headers: Mapping[str, str]) -> int:
    """Send the letter; the status code of the answer. Redirections are not followed, the answer's body is
    not read. Raises `BadAddress`, `NotDelivered`."""
    check(url)
    place = urlsplit(url)
    host, port = str(place.hostname), place.port or PORTS[place.scheme]
    connection = _connection(place.scheme, host, port, _ip_of(host, port))
    path = (place.path or "/") + (f"?{place.query}" if place.query else "")
    try:
        connection.request("POST", path, body=body, headers={**headers, "Content-Type": "application/json"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise NotDelivered(f"{host} did not take the letter: {error or type(error).__name__}.") from error
    finally:
        connection.close()


def _ip_of(host: str, port: int) -> str:
    """The one address that is checked and then spoken to: a name cannot point elsewhere in between."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0]
    except OSError as error:
        raise NotDelivered(f"There is no machine called {host}.") from error
    if not ipaddress.ip_address(found).is_global and not settings.CYTOLOOP_WEBHOOKS_INSIDE:
        raise BadAddress(
            f"{host} lies inside the house's own network. Whoever runs this server can allow that with "
            "CYTOLOOP_WEBHOOKS_INSIDE=yes."
        )
    return str(found)


def _connection(scheme: str, host: str, port: int, ip: str) -> http.client.HTTPConnection:
    class Pinned(http.client.HTTPConnection):
        def connect(self) -> None:
            plain = socket.create_connection((ip, port), TIMEOUT_S)
            secure = ssl.create_default_context() if scheme == "https" else None
            self.sock = secure.wrap_socket(plain, server_hostname=host) if secure else plain

    return Pinned(host, port, timeout=TIMEOUT_S)
