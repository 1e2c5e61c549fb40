"""Whom a request counts for: the network it comes from."""

import ipaddress

from aiohttp import web


def address_of(request: web.Request, *, behind_proxy: bool) -> str:
    """Return an IPv4 address, or the /64 network of an IPv6 one; "unknown" when neither is known.

    Only the last entry of X-Forwarded-For is our own proxy's; the others anybody can write.
    """
    said = request.headers.getall("X-Forwarded-For", [""])[-1].rpartition(",")[2].strip()
    return (_network(said) if behind_proxy else "") or _network(request.remote or "") or "unknown"


def _network(address: str) -> str:
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    if known.ipv4_mapped:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known, 64), strict=False))
