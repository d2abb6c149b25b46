"""Asking another site whether an address leads somewhere: politely, in bounds, never in our own network.

It asks for headers only and reads no page. It does not read robots.txt: nothing is crawled, one address that
an editor chose to link to is asked for now and then. Whoever minds finds our address in the user agent, and a
refusal is taken as such. Standard library only: the connection must go to the very address that was checked.
"""

import contextlib
import http.client
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from django.utils.encoding import iri_to_uri

TIMEOUT = 10.0
"""Seconds to wait for a connection, and then for its answer as a whole."""

MOST_TIMEOUTS = 3
"""After as many times the timeout no further step of the way is taken."""

MOST_REDIRECTS = 5
FOR_GOOD = frozenset({301, 308})
REDIRECTS = FOR_GOOD | {302, 303, 307}
GONE = frozenset({404, 410})
PORTS = frozenset({80, 443})

RESOLVERS = frozenset({"doi.org", "dx.doi.org"})
"""They send on what they know and answer 404 to the rest: the publisher behind them need not be asked."""

# Addresses that are public by their number and yet serve the machine that asks: the platform of Azure.
_OF_PLATFORMS = frozenset({ipaddress.ip_address("168.63.129.16")})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
MayConnect = Callable[[Address, int], bool]


@dataclass(frozen=True)
class Answer:
    """What another site said: an HTTP status, or why there is none."""

    status: int | None
    problem: str = ""
    """In words, where no status came."""
    moved_to: str = ""
    """The address behind all redirects that are for good; empty if there was none."""
    is_unknown_host: bool = False
    is_resolved: bool = False
    """A resolver knows the address and sends on to where the thing is."""

    @property
    def is_good(self) -> bool:
        return self.is_resolved or (self.status is not None and 200 <= self.status < 300)

    @property
    def is_gone(self) -> bool:
        """Whether it says clearly that nothing is there."""
        return self.is_unknown_host or self.status in GONE


def is_public(address: Address, port: int) -> bool:
    """Whether anybody on the internet may connect there: no private, loopback, link-local, multicast or
    metadata address, also not inside an IPv6 one, and no port but those of the web.
    """
    if port not in PORTS:
        return False
    return all(
        inner.is_global and not inner.is_multicast and not inner.is_reserved and inner not in _OF_PLATFORMS
        for inner in (address, *_inside(address))
        if inner not in _NAT64
    )


def _inside(address: Address) -> list[Address]:
    """The IPv4 addresses that an IPv6 one stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    inside = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        inside.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [inner for inner in inside if inner is not None]


def ask(
    url: str,
    *,
    user_agent: str,
    before: Callable[[str], None] = lambda host: None,
    may_connect: MayConnect = is_public,
    timeout: float = TIMEOUT,
    resolvers: Collection[str] = RESOLVERS,
) -> Answer:
    """What the site says of `url` after at most MOST_REDIRECTS redirects; never raises for what it says.

    `before(host)` is called before each request and may wait. `may_connect` is asked for every address that a
    name stands for, at each step of the way. `timeout` is in seconds, for connecting and for each answer.
    What one of the hosts `resolvers` sends elsewhere is not followed.
    """
    moved_to = ""
    is_for_good = True
    started = time.monotonic()
    try:
        for _ in range(MOST_REDIRECTS + 1):
            if time.monotonic() - started > MOST_TIMEOUTS * timeout:
                raise TimeoutError
            step = _Step.to(url)
            status, location = step.ask(
                before=before, user_agent=user_agent, may_connect=may_connect, timeout=timeout
            )
            if status not in REDIRECTS or not location:
                return Answer(status, moved_to=moved_to)
            if step.host in resolvers and urlsplit(urljoin(url, location)).hostname not in resolvers:
                return Answer(status, moved_to=moved_to, is_resolved=True)
            url = urljoin(url, location)
            is_for_good = is_for_good and status in FOR_GOOD
            if is_for_good:
                moved_to = url
    except _NotAskedError as error:
        return Answer(None, problem=str(error), is_unknown_host=error.is_unknown_host)
    except TimeoutError:
        return Answer(None, problem="No answer in time")
    except ssl.SSLCertVerificationError:
        return Answer(None, problem="Its certificate is not valid")
    except ConnectionRefusedError:
        return Answer(None, problem="Connection refused")
    except (OSError, http.client.HTTPException, ValueError, AttributeError):
        # A connection that was cut at its deadline fails in any of these ways.
        return Answer(None, problem="No answer that can be read")
    return Answer(None, problem=f"More than {MOST_REDIRECTS} redirects")


class _NotAskedError(Exception):
    """No connection was made; says why."""

    def __init__(self, why: str, *, is_unknown_host: bool = False) -> None:
        self.is_unknown_host = is_unknown_host
        super().__init__(why)


@dataclass(frozen=True)
class _Step:
    """One address on the way."""

    host: str
    port: int
    is_secure: bool
    target: str

    @classmethod
    def to(cls, url: str) -> "_Step":
        try:
            parts = urlsplit(url)
            port = parts.port
            host = _ascii(parts)
        except ValueError as error:
            raise _NotAskedError("It is no web address") from error
        if parts.scheme not in ("http", "https") or not host:
            raise _NotAskedError("It is no web address")
        is_secure = parts.scheme == "https"
        target = iri_to_uri(f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}")
        return cls(host, port if port is not None else 443 if is_secure else 80, is_secure, target or "/")

    def ask(
        self, *, before: Callable[[str], None], user_agent: str, may_connect: MayConnect, timeout: float
    ) -> tuple[int, str]:
        """The status and, of a redirect, where it leads. GET where HEAD is refused."""
        addresses = self.addresses(may_connect)
        before(self.host)
        status, location = self.request("HEAD", addresses, user_agent, timeout)
        if status >= 400 and status != 429:
            # Some sites know no HEAD, or lie to it.
            before(self.host)
            status, location = self.request("GET", addresses, user_agent, timeout)
        return status, location

    def addresses(self, may_connect: MayConnect) -> list[str]:
        """What the name stands for; one address that may not be asked is enough to refuse them all."""
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            is_unknown = error.errno in (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", None))
            why = "No such host" if is_unknown else "The name of the host could not be looked up"
            raise _NotAskedError(why, is_unknown_host=is_unknown) from error
        except UnicodeError as error:
            raise _NotAskedError("It is no web address") from error
        addresses = list(dict.fromkeys(str(place[0]) for *_, place in found))
        for address in addresses:
            # A zone (“%eth0”) only makes an address more local.
            if "%" in address or not may_connect(ipaddress.ip_address(address), self.port):
                raise _NotAskedError("Not asked: the address is not public")
        return addresses

    def request(self, method: str, addresses: list[str], user_agent: str, timeout: float) -> tuple[int, str]:
        connection = _Connection(self, addresses, timeout)
        try:
            connection.request(
                method,
                self.target,
                headers={"User-Agent": user_agent, "Accept": "*/*", "Connection": "close"},
            )
            answer = connection.getresponse()
            if connection.is_late:
                # What was cut in the middle looks like a short answer.
                raise TimeoutError
            return answer.status, _text(answer.getheader("Location") or "")
        finally:
            connection.end()


class _Connection(http.client.HTTPConnection):
    """A connection to addresses that were checked, whatever the name of the host stands for by now."""

    def __init__(self, step: _Step, addresses: list[str], timeout: float) -> None:
        super().__init__(step.host, step.port, timeout=timeout)
        self.step = step
        self.addresses = addresses
        self.deadline: threading.Timer | None = None
        self.line: socket.socket | None = None
        self.is_late = False
        # Without it the name of the host would carry the port of http for https.
        self.default_port = 443 if step.is_secure else 80

    def connect(self) -> None:
        plain = self._connected()
        # Each read has its timeout; only a deadline ends an answer that comes byte by byte.
        self.line = plain.dup()
        self.deadline = threading.Timer(self.timeout or TIMEOUT, self._cut)
        self.deadline.daemon = True
        self.deadline.start()
        self.sock = plain
        if self.step.is_secure:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(plain, server_hostname=self.step.host)

    def _connected(self) -> socket.socket:
        failed: OSError | None = None
        for address in self.addresses[:2]:
            try:
                return socket.create_connection((address, self.step.port), self.timeout)
            except OSError as error:
                failed = error
        raise failed or OSError("There is no address to connect to.")

    def end(self) -> None:
        if self.deadline is not None:
            self.deadline.cancel()
        if self.line is not None:
            self.line.close()
        self.close()

    def _cut(self) -> None:
        self.is_late = True
        if self.line is not None:
            with contextlib.suppress(OSError):  # It may be closed already.
                self.line.shutdown(socket.SHUT_RDWR)


def _ascii(parts: SplitResult) -> str:
    """The host as it is asked for: in lower case, other letters in Punycode. Raises ValueError."""
    host = parts.hostname or ""
    if host.isascii():
        return host
    return host.encode("idna").decode("ascii")


def _text(header: str) -> str:
    """A header as it was meant: http.client reads bytes as Latin-1, sites write UTF-8."""
    return header.encode("latin-1").decode("utf-8", errors="replace").strip()
