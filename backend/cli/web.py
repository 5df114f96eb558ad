"""`cytoloop web`: the web server, on an address of its own or on a socket that the supervisor opened."""

import argparse
import socket

import uvicorn
from django.conf import settings

from backend.foundation import database, presence, processes
from backend.foundation.place import child_lock

# Open event streams never end by themselves; nothing else takes this long.
FAREWELL_S = 2


def run(arguments: argparse.Namespace) -> int:
    """Serve until told to stop."""
    if arguments.parent:
        processes.end_with_parent(parent=arguments.parent)
        presence.announce(child_lock(settings.CYTOLOOP_HOME))
    if settings.CYTOLOOP_EMBEDDED_DATABASE:
        database.hold(settings.CYTOLOOP_HOME)
    server = uvicorn.Server(
        uvicorn.Config(
            "backend.asgi:application",
            host=settings.CYTOLOOP_HOST,
            port=settings.PORT,
            log_config=None,
            access_log=False,
            lifespan="off",
            proxy_headers=True,
            forwarded_allow_ips=settings.CYTOLOOP_TRUSTED_PROXIES,
            server_header=False,
            timeout_graceful_shutdown=FAREWELL_S,
        )
    )
    server.run(sockets=None if arguments.fd is None else [socket.socket(fileno=arguments.fd)])
    return 0
