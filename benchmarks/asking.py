"""Asking servers: one request after another or several at once, in rounds, with what that cost them."""

import gzip
import math
import os
import platform
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.serving import Server


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        is_packed = self.headers.get("content-encoding") == "gzip"
        return (gzip.decompress(self.body) if is_packed else self.body).decode()


class Client:
    """A plain HTTP client on one connection; it connects again where the server closes."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._socket: socket.socket | None = None

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        lines = "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
        asked = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nUser-Agent: benchmark\r\n{lines}\r\n"
        was_open = self._socket is not None
        try:
            return self._exchange(asked.encode())
        except (ConnectionError, EOFError):
            self.close()
            if not was_open:
                raise
            return self._exchange(asked.encode())  # the server had closed it meanwhile

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _exchange(self, asked: bytes) -> Answer:
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self.port), timeout=900)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(asked)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._receive()
        head, _, body = received.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        status = int(first.split()[1])
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        parts = [body]
        if status == 304:
            pass
        elif "content-length" in headers:
            left = int(headers["content-length"]) - len(body)
            while left > 0:
                parts.append(self._receive())
                left -= len(parts[-1])
        elif headers.get("transfer-encoding") == "chunked":
            while not body.endswith(b"0\r\n\r\n"):
                body += self._receive()
            parts = _unchunked(body)
        else:
            while data := self._socket.recv(262_144):
                parts.append(data)
            self.close()
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, headers, b"".join(parts))

    def _receive(self) -> bytes:
        assert self._socket is not None
        data = self._socket.recv(262_144)
        if not data:
            raise EOFError
        return data


def _unchunked(body: bytes) -> list[bytes]:
    parts = []
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        parts.append(rest[:length])
        body = rest[length + 2 :]
    return parts


@dataclass
class Cost:
    """What requests cost, round by round: ms of each, CPU ms a request, requests a second."""

    waits: list[list[float]] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)

    def add(self, waits: list[float], cpu: float, rate: float) -> None:
        self.waits.append(waits)
        self.cpu.append(cpu)
        self.rate.append(rate)

    def p(self, percent: float) -> float:
        """The percentile of all requests of all rounds."""
        waits = sorted(wait for of_round in self.waits for wait in of_round)
        return waits[min(len(waits) - 1, math.ceil(len(waits) * percent / 100) - 1)]

    @property
    def n(self) -> int:
        return sum(len(waits) for waits in self.waits)

    def medians(self) -> list[float]:
        """The median wait of each round."""
        return [statistics.median(waits) for waits in self.waits]

    @property
    def median_cpu(self) -> float:
        return statistics.median(self.cpu)


Ask = Callable[[Client], Answer]


def measure(
    server: Server,
    ask: Ask | Sequence[Ask],
    *,
    seconds: float,
    clients: int = 1,
    least: int = 3,
    most: int = 10**9,
    exactly: bool = False,
) -> tuple[list[float], float, float]:
    """Ask for about `seconds`, with this many clients at once.

    Returns the waits in ms, CPU ms a request, requests a second. Of several questions, each client takes the
    next one. CPU is counted in ticks, `exactly` for a few questions. Raises SystemExit on any answer but 200
    and 304.
    """
    asks = [ask] if callable(ask) else list(ask)
    waits: list[float] = []
    failures: list[int] = []
    spent = server.exact_cpu if exactly else server.cpu
    cpu, start = spent(), time.perf_counter()
    taken = 0
    lock = threading.Lock()

    def work() -> None:
        nonlocal taken
        client = Client(server.port)
        while not failures:
            with lock:
                is_over = time.perf_counter() - start > seconds and taken >= least * clients
                if is_over or taken >= most:
                    break
                question = asks[taken % len(asks)]
                taken += 1
            asked = time.perf_counter()
            answer = question(client)
            waits.append((time.perf_counter() - asked) * 1000)
            if answer.status not in (200, 304):
                failures.append(answer.status)
        client.close()

    if clients == 1:
        work()
    else:
        threads = [threading.Thread(target=work) for _ in range(clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if failures:
        raise SystemExit(f"{server.name} answered {failures[0]}.")
    lasted = time.perf_counter() - start
    return waits, (spent() - cpu) * 1000 / len(waits), len(waits) / lasted


def timed(
    run: Callable[[], object], *, rounds: int, clock: Callable[[], float] = time.perf_counter
) -> list[float]:
    """Milliseconds of each of several rounds, after one to warm up; by `time.process_time`, of CPU."""
    run()
    costs = []
    for _ in range(rounds):
        start = clock()
        run()
        costs.append((clock() - start) * 1000)
    return costs


def surroundings(*versions: str) -> str:
    """Date, machine, load and versions, as each table of results says them."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    load = ", ".join(f"{average:.1f}" for average in os.getloadavg())
    return (
        f"{time.strftime('%-d %B %Y')}; {os.cpu_count()} cores, {memory:.0f} GiB, load {load}; "
        + ", ".join([f"Python {platform.python_version()}", *versions])
    )


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table as RESULTS.md holds them."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(str(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines)


def ms(value: float) -> str:
    """Milliseconds, as many digits as mean something."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 1 else f"{value:.2f}"


def spread(values: Sequence[float]) -> str:
    """The median with the best and the worst of it."""
    return f"{ms(statistics.median(values))} ({ms(min(values))} to {ms(max(values))})"
