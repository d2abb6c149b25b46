"""A real site for the journeys: the demo in a folder of its own, served by gunicorn, seen by Chromium.

A click comes back once the next page begins to arrive. What is there is said with `expect`, which waits;
before something is counted, read out or said to be missing, `wait_for_load_state` waits for the whole page.
"""

import contextlib
import email.policy
import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from .admin import log_in, open_topic

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent

expect.set_options(timeout=30_000)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def pytest_collection_modifyitems(items):
    missing = None if CHROMIUM else "no Chromium on PATH (Debian: apt-get install chromium)"
    for item in items:
        if HERE not in Path(item.path).parents:
            continue
        item.add_marker(pytest.mark.journey)
        if missing and not os.environ.get("CI"):
            item.add_marker(pytest.mark.skip(reason=f"JOURNEYS NOT RUN: {missing}"))


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The address of a freshly loaded demo; its `logins` map user names to passwords."""
    folder = tmp_path_factory.mktemp("site")
    port = _free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "DEBUG")},
        "DEMO": "1",
        "SECRET_KEY": "only-for-journeys-0123456789-abcdefghijklmnopqrstuvwxyz",
        "VAR_DIR": str(folder),
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "SITE_URL": f"http://127.0.0.1:{port}",
    }
    for command in (["migrate", "-v0"], ["collectstatic", "--no-input", "-v0"], ["load_demo"]):
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    address = f"http://127.0.0.1:{port}"
    with _serving(address, folder, environment):
        yield Site(address, folder, environment)


@contextlib.contextmanager
def _serving(address, folder, environment, application="wellness.wsgi"):
    """Gunicorn at this address as long as the block lasts."""
    bind = address.removeprefix("http://")
    serve = ["-m", "gunicorn", application, "--bind", bind, "--workers", "2", "--preload"]
    with (folder / "server.log").open("a") as log:
        server = subprocess.Popen([sys.executable, *serve], cwd=ROOT, env=environment, stderr=log)
        try:
            _wait_until_it_answers(f"{address}/health/", server)
            yield
        finally:
            server.terminate()
            server.wait(timeout=20)


class Site:
    """Where the site is, the logins that the demo printed, and the mail that it sent."""

    def __init__(self, address, folder, environment):
        self.address = address
        self.folder = folder
        self.environment = environment

    def __truediv__(self, path):
        return f"{self.address}/{path.lstrip('/')}"

    @contextlib.contextmanager
    def later(self, ahead):
        """The same site on the same data with its clock so far ahead; nothing else runs meanwhile."""
        address = f"http://127.0.0.1:{_free_port()}"
        environment = {**self.environment, "CLOCK_AHEAD": str(int(ahead.total_seconds()))}
        with _serving(address, self.folder, environment, "tests.journeys.later"):
            yield Site(address, self.folder, environment)

    def manage(self, *command):
        """Run a command of manage.py on this site."""
        subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=self.environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )

    @property
    def mail(self):
        """The e-mails that were written to files, in no order."""
        files = (self.folder / "mail").glob("*.log")
        return [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files]

    @property
    def logins(self):
        lines = (self.folder / "demo-logins.txt").read_text().splitlines()
        return dict(line.split()[:2] for line in lines if len(line.split()) >= 2 and not line.startswith("#"))


@pytest.fixture
def sign_in(site, open_page):
    """Open a browser of one's own as somebody of the demo: on the desk, or on the form of a topic."""

    def sign_in(name, topic="", **options):
        page = open_page(**options)
        page.goto(site / "/admin/")
        log_in(page, name, site.logins[name])
        if topic:
            open_topic(page, site, topic)
        return page

    return sign_in


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium):
    """A function that opens a page in a fresh browser profile; what the console says must be nothing."""
    contexts, said = [], []

    def open_page(*, width=1280, height=900, scheme="light", script=True, **options):
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,
            java_script_enabled=script,
            accept_downloads=True,
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: said.append(f"{message.type}: {message.text} ({page.url})"))
        page.on("pageerror", lambda error: said.append(f"error: {error} ({page.url})"))
        return page

    open_page.said = said
    yield open_page
    for context in contexts:
        context.close()
    assert said == []


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_it_answers(url, server):
    """Ask until the server answers, for at most 30 seconds; it must not end meanwhile."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
                assert answer.status == 200
                return
        except OSError:
            with contextlib.suppress(subprocess.TimeoutExpired):
                server.wait(timeout=0.1)
                raise RuntimeError(
                    "The server ended at its start; see server.log beside the database."
                ) from None
    raise RuntimeError("The server did not answer within 30 seconds.")
