"""Which IP addresses belong to the public internet. Pure.

An address that others name may lead into our own network: to a metadata service, a runtime, a neighbour. Calls of such
addresses go to public ones only.
"""

import ipaddress

# Addresses of other machines. Tunnels inside it (6to4, Teredo) carry an IPv4 address, which may be a private one.
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")


def is_public(address: str) -> bool:
    """Whether this is the IP address of a machine on the public internet.

    Private, loopback, link-local, shared, reserved and multicast addresses are not. An IPv6 address that carries an
    IPv4 address (mapped, translated, tunnelled) is not either. False for what is no IP address.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if not ip.is_global or ip.is_multicast:
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return True
    carries_another = ip.sixtofour is not None or ip.teredo is not None
    return ip in _GLOBAL_UNICAST and ip.scope_id is None and not carries_another
