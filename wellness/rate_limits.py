"""How many requests one address may send to the read API in a minute.

What is kept of an address is a keyed hash, different each minute, in the cache and for two minutes at most:
nobody can read from it who asked, nor that the same reader came back.
"""

import ipaddress
from dataclasses import dataclass

from django.conf import settings
from django.core.cache import cache
from django.utils.crypto import salted_hmac

WINDOW = 60


@dataclass(frozen=True)
class Allowance:
    """How many requests one address has in this minute and how many are left; `reset` seconds until the next.

    `is_spent` says that this request was one too many.
    """

    limit: int
    remaining: int
    reset: int
    is_spent: bool


def take(address: str, *, at: float) -> Allowance | None:
    """Count one request from `address` at the moment `at` (seconds); None where nothing is limited."""
    limit = settings.API_REQUESTS_A_MINUTE
    if not limit:
        return None
    minute, passed = divmod(int(at), WINDOW)
    hashed = salted_hmac(__name__, f"{minute} {_network(address)}", algorithm="sha256").hexdigest()
    key = f"api-requests:{hashed}"
    cache.add(key, 0, timeout=2 * WINDOW)
    try:
        n = cache.incr(key)
    except ValueError:
        # A full cache has thrown it away again.
        n = 1
    return Allowance(limit, max(limit - n, 0), WINDOW - passed, n > limit)


def _network(address: str) -> str:
    """The address; of IPv6 the network, since a single reader has a whole one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 6:
        return str(ipaddress.ip_network((parsed, 64), strict=False).network_address)
    return str(parsed)
