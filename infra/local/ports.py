"""Ports of loopback: which are free, and whether a server answers there."""

import http.client
import random
import socket
import urllib.request

# Systems give clients ports from 32768 (Linux) or 49152 on. A client that asks such a port again and again until
# its server listens may be given that very port: it is connected to itself, and the server finds the port taken.
_PORTS = range(20_000, 32_768)
_directly = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def free_port() -> int:
    """Return a port that is free now, and that no client is given. Raises `OSError` when there is none."""
    for port in random.sample(_PORTS, len(_PORTS)):
        if is_free(port):
            return port
    raise OSError("no port of loopback is free")


def is_free(port: int) -> bool:
    """Whether a server could listen at a port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
    return True


def answers(address: str, within_s: float = 2) -> bool:
    """Whether a server answers at an address, and not with an error. What is no HTTP is no answer."""
    try:
        with _directly.open(address, timeout=within_s):
            return True
    except (OSError, http.client.HTTPException):  # urllib's own errors are an OSError
        return False
