"""Several processes at once, and processes that die: on a real database of their own, on both engines."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import uuid
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest

from tests.evidence.importing.records import record

pytestmark = pytest.mark.database

ROOT = Path(__file__).resolve().parents[2]


class Process:
    """A process that does what it is asked; see tests/articles/process.py."""

    def __init__(self, environment):
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.articles.process"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._hear() == {"ready": True}

    def begin(self, what, **more):
        """Ask, and come back as soon as it has begun."""
        self._say(do=what, **more)
        assert self._hear() == {"begun": True}

    def end(self):
        """Wait for the answer."""
        return self._hear()["answer"]

    def ask(self, what, **more):
        self.begin(what, **more)
        return self.end()

    def wait_until_held(self):
        assert self._hear() == {"held": True}

    def go_on(self):
        self._say()

    def how_it_died(self):
        return self._process.wait()

    def stop(self):
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.stdout.close()

    def _say(self, **line):
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()

    def _hear(self):
        return json.loads(self._process.stdout.readline())


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Names a migrated database: a file of SQLite, or one on the server of PostgreSQL that tests run on."""
    folder = tmp_path_factory.mktemp("processes")
    server = os.environ.get("DATABASE_URL", "")
    name = f"processes_{uuid.uuid4().hex}"
    is_postgresql = server.startswith("postgres")
    url = (
        urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        if is_postgresql
        else f"sqlite:///{folder / 'processes.sqlite3'}"
    )
    found = {**os.environ, "DATABASE_URL": url, "VAR_DIR": str(folder), "STAFF_MFA": "0"}
    with contextlib.ExitStack() as stack:
        if is_postgresql:
            connection = psycopg2.connect(server)
            stack.callback(connection.close)
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(f'CREATE DATABASE "{name}"')
            stack.callback(_drop, connection, name)
        migrate = [sys.executable, "-W", "ignore", "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(migrate, cwd=ROOT, env=found, check=True)
        yield found


def _drop(connection, name):
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def lasting(environment):
    """Two processes that live through all tests here."""
    processes = [Process(environment), Process(environment)]
    yield processes
    for process in processes:
        process.stop()


@pytest.fixture
def mortal(environment):
    """A process that a test may kill."""
    process = Process(environment)
    yield process
    process.stop()


def test_two_publishers_at_once_make_one_edition(lasting):
    one, other = lasting
    topic = one.ask("draft")["topic"]

    one.begin("publish", topic=topic, by=1, hold="articles_edition")
    one.wait_until_held()
    other.begin("publish", topic=topic, by=2)
    one.go_on()

    assert (one.end(), other.end()) == ({"number": 1}, {"number": 1})
    found = other.ask("state", topic=topic)
    assert (found["editions"], found["whole"], found["live"], found["published"]) == ([1], [1], [1], 1)


def test_withdrawal_that_waits_for_a_publisher_takes_the_new_edition_along(lasting):
    one, other = lasting
    topic = one.ask("draft", editions=1)["topic"]

    one.begin("publish", topic=topic, hold="articles_edition")
    one.wait_until_held()
    other.begin("withdraw", topic=topic)
    one.go_on()

    assert (one.end(), other.end()) == ({"number": 2}, {"numbers": [1, 2]})
    found = one.ask("state", topic=topic)
    assert (found["whole"], found["live"], found["withdrawn"]) == ([1, 2], [], [1, 2])


def test_publisher_who_waits_for_a_withdrawal_makes_the_edition_that_is_live(lasting):
    one, other = lasting
    topic = one.ask("draft", editions=1)["topic"]

    one.begin("withdraw", topic=topic, hold="articles_event")
    one.wait_until_held()
    other.begin("publish", topic=topic)
    one.go_on()

    assert (one.end(), other.end()) == ({"numbers": [1]}, {"number": 2})
    found = one.ask("state", topic=topic)
    assert (found["whole"], found["live"], found["withdrawn"]) == ([1, 2], [2], [1])


@pytest.mark.parametrize("editions", [0, 1])
@pytest.mark.parametrize("table", ["articles_edition", "articles_edition_studies", "articles_event"])
def test_publisher_who_is_killed_half_way_leaves_what_was_there(table, editions, lasting, mortal):
    survivor, _ = lasting
    topic = survivor.ask("draft", editions=editions)["topic"]
    before = survivor.ask("state", topic=topic)
    assert before["whole"] == before["live"] == list(range(1, editions + 1))

    mortal.begin("publish", topic=topic, kill=table)
    assert mortal.how_it_died() == -signal.SIGKILL

    assert survivor.ask("state", topic=topic) == before
    assert survivor.ask("publish", topic=topic) == {"number": editions + 1}
    assert survivor.ask("state", topic=topic)["whole"] == list(range(1, editions + 2))


def test_publisher_who_is_killed_at_the_end_leaves_the_new_edition_whole(lasting, mortal):
    survivor, _ = lasting
    topic = survivor.ask("draft", editions=1)["topic"]

    mortal.begin("publish_and_die_after_it", topic=topic)
    assert mortal.how_it_died() == -signal.SIGKILL

    found = survivor.ask("state", topic=topic)
    assert (found["editions"], found["whole"], found["live"]) == ([1, 2], [1, 2], [2])


@pytest.mark.parametrize("table", ["evidence_study", "evidence_report", "evidence_historicalreport"])
def test_import_that_is_killed_half_way_writes_nothing(table, lasting, mortal):
    survivor, _ = lasting
    records = [
        record(f"{table.replace('_', '-')}-{n}", reports=[{"is_primary": True, "title": f"{table} {n}"}])
        for n in range(3)
    ]
    before = survivor.ask("count_evidence")

    mortal.begin("import_studies", records=records, kill=table)
    assert mortal.how_it_died() == -signal.SIGKILL

    assert survivor.ask("count_evidence") == before
    assert survivor.ask("import_studies", records=records) == {"written": True}
    after = survivor.ask("count_evidence")
    assert [after["Study"], after["Report"]] == [
        [n + 3 for n in before[name]] for name in ("Study", "Report")
    ]


def test_two_editors_who_save_at_once_both_keep_what_they_typed(lasting):
    one, other = lasting
    topic = one.ask("draft")["topic"]
    one.ask("open_form", topic=topic, by=1)
    other.ask("open_form", topic=topic, by=2)

    one.begin("save_form", topic=topic, title="Typed by one", hold="django_admin_log")
    one.wait_until_held()
    other.begin("save_form", topic=topic, teaser="Typed by the other")
    one.go_on()

    assert (one.end()["status"], other.end()["status"]) == (302, 302)
    assert one.ask("fields", topic=topic, names=["title", "teaser"]) == {
        "title": "Typed by one",
        "teaser": "Typed by the other",
    }


def test_two_editors_who_change_the_same_field_at_once_are_asked(lasting):
    one, other = lasting
    topic = one.ask("draft")["topic"]
    one.ask("open_form", topic=topic, by=1)
    other.ask("open_form", topic=topic, by=2)

    one.begin("save_form", topic=topic, title="Typed by one", hold="django_admin_log")
    one.wait_until_held()
    other.begin("save_form", topic=topic, title="Typed by the other")
    one.go_on()

    assert one.end() == {"status": 302, "asks": 0}
    assert other.end() == {"status": 200, "asks": 1}
    assert one.ask("fields", topic=topic, names=["title"]) == {"title": "Typed by one"}


def test_saying_that_one_is_here_waits_for_nobody_who_saves(lasting, environment):
    one, other = lasting
    topic = one.ask("draft")["topic"]
    one.ask("open_form", topic=topic, by=1)
    other.ask("open_form", topic=topic, by=2)
    # PostgreSQL takes note at once. SQLite has one writer at a time: the next call will do.
    is_postgresql = environment["DATABASE_URL"].startswith("postgres")

    one.begin("save_form", topic=topic, title="Typed by one", hold="django_admin_log")
    one.wait_until_held()
    meanwhile = other.ask("say_that_one_is_here", topic=topic, by=2)
    one.go_on()
    one.end()

    patience = None if is_postgresql else 20_000
    assert meanwhile == {"noted": is_postgresql, "patience": patience}
    assert other.ask("say_that_one_is_here", topic=topic, by=2) == {"noted": True, "patience": patience}


def test_no_process_serves_the_page_from_before_a_publication(lasting):
    one, other = lasting
    topic = one.ask("draft", editions=1)["topic"]
    path = one.ask("address", topic=topic)
    for process in lasting:
        process.ask("get", path=path)
        kept = process.ask("get", path=path)
        assert ("Edition 1" in kept["says"], kept["queries"]) == (True, 1)

    one.begin("publish", topic=topic, hold="articles_edition")
    one.wait_until_held()
    meanwhile = other.ask("get", path=path)
    one.go_on()
    one.end()

    assert "Edition 2" not in meanwhile["says"]
    for process in lasting:
        assert "Edition 2" in process.ask("get", path=path)["says"]
        kept = process.ask("get", path=path)
        assert ("Edition 2" in kept["says"], kept["queries"]) == (True, 1)

    other.ask("withdraw", topic=topic)

    assert [process.ask("get", path=path)["status"] for process in lasting] == [410, 410]


def test_no_process_serves_a_page_from_before_a_change_of_the_evidence(lasting):
    one, _ = lasting
    one.ask("draft")
    path = one.ask("rename_study", label="Before 2020")
    for process in lasting:
        assert "Before 2020" in process.ask("get", path=path)["says"]
        assert process.ask("get", path=path)["queries"] == 1

    one.ask("rename_study", label="After 2020")

    for process in lasting:
        found = process.ask("get", path=path)["says"]
        assert ("Before 2020" in found, "After 2020" in found) == (False, True)


def test_kept_page_gives_way_at_the_moment_that_the_next_edition_is_planned_for(lasting):
    one, other = lasting
    topic = one.ask("draft", editions=1)["topic"]
    path = one.ask("address", topic=topic)
    one.ask("plan", topic=topic, hours=3)

    def seen(hours):
        found = other.ask("get", path=path, hours=hours)
        return "Edition 2" in found["says"], found["queries"] == 1

    assert [seen(hours) for hours in (1, 2, 2.9, 3, 3.1, 2)] == [
        (False, False),
        (False, True),
        (False, True),
        (True, False),
        (True, True),
        (False, False),  # a clock that was put back
    ]
