"""Against a server on this machine: only these tests may ask there, by `may_connect`."""

import ipaddress
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles import asking
from articles.asking import Answer


class Site(BaseHTTPRequestHandler):
    """What the other site answers: `pages` by path, each a status and where it leads; `seen` is what came."""

    def do_HEAD(self):
        self.server.seen.append((self.command, self.path))
        self.server.agents.append((self.headers["User-Agent"], self.headers["Host"]))
        status, location = self.server.pages.get((self.command, self.path)) or self.server.pages.get(
            self.path, (404, "")
        )
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", "5")
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(b"Hello")

    do_GET = do_HEAD  # noqa: N815  the name that http.server looks for

    def log_message(self, *args):
        pass


@pytest.fixture
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.pages, server.seen, server.agents = {}, [], []
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def anywhere(address, port):
    return True


def ask(url, **options):
    return asking.ask(
        url, user_agent="Test (+https://example.org/about/)", **{"may_connect": anywhere, **options}
    )


def test_a_page_that_is_there_is_asked_for_by_its_head_only(site):
    site.pages["/a?b=c%20d"] = (200, "")

    answer = ask(f"{site.url}/a?b=c d#part")

    assert answer == Answer(200)
    assert answer.is_good
    assert site.seen == [("HEAD", "/a?b=c%20d")]
    assert site.agents == [("Test (+https://example.org/about/)", f"127.0.0.1:{site.server_port}")]


@pytest.mark.parametrize("refusal", [403, 404, 405, 500, 501])
def test_a_head_that_is_refused_is_followed_by_a_get(refusal, site):
    site.pages = {("HEAD", "/a"): (refusal, ""), ("GET", "/a"): (200, "")}

    assert ask(f"{site.url}/a") == Answer(200)
    assert site.seen == [("HEAD", "/a"), ("GET", "/a")]


def test_a_site_that_asks_for_peace_is_not_asked_twice(site):
    site.pages["/a"] = (429, "")

    assert ask(f"{site.url}/a") == Answer(429)
    assert site.seen == [("HEAD", "/a")]


@pytest.mark.parametrize(("status", "is_gone"), [(404, True), (410, True), (403, False), (500, False)])
def test_only_a_clear_word_means_gone(status, is_gone, site):
    site.pages["/a"] = (status, "")

    answer = ask(f"{site.url}/a")

    assert (answer.status, answer.is_good, answer.is_gone) == (status, False, is_gone)


@pytest.mark.parametrize(
    ("statuses", "moved_to"),
    [
        ([301], "/1"),
        ([308, 301], "/2"),
        ([302], ""),
        ([301, 307], "/1"),
        ([303, 301], ""),
        ([301] * 5, "/5"),
    ],
)
def test_moved_is_what_all_redirects_so_far_say_for_good(statuses, moved_to, site):
    for place, status in enumerate(statuses):
        site.pages[f"/{place}"] = (status, f"/{place + 1}")
    site.pages[f"/{len(statuses)}"] = (200, "")

    answer = ask(f"{site.url}/0")

    assert answer == Answer(200, moved_to=f"{site.url}{moved_to}" if moved_to else "")


def test_what_a_resolver_knows_is_not_asked_for_where_it_is(site):
    site.pages["/10.1000/x"] = (302, f"http://localhost:{site.server_port}/article")
    site.pages["/10.1000/y"] = (302, "/10.1000/x")

    known, same, unknown = (
        ask(f"{site.url}/10.1000/{name}", resolvers={"127.0.0.1"}) for name in ("x", "y", "z")
    )

    assert known == same == Answer(302, is_resolved=True)
    assert (known.is_good, unknown.is_good, unknown.is_gone) == (True, False, True)
    assert ("HEAD", "/article") not in site.seen


def test_no_more_than_five_redirects_are_followed(site):
    for place in range(9):
        site.pages[f"/{place}"] = (302, f"/{place + 1}")

    assert ask(f"{site.url}/0") == Answer(None, problem="More than 5 redirects")
    assert site.seen == [("HEAD", f"/{place}") for place in range(6)]


def test_a_page_that_moved_and_is_gone_there_is_gone(site):
    site.pages["/a"] = (301, "/b")

    assert ask(f"{site.url}/a").is_gone


def test_before_each_request_the_host_is_announced(site):
    site.pages = {"/a": (302, "/b"), ("HEAD", "/b"): (405, ""), ("GET", "/b"): (200, "")}
    hosts = []

    ask(f"{site.url}/a", before=hosts.append)

    assert hosts == ["127.0.0.1"] * 3


# What is never asked


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::10.0.0.1]/",
        "http://[2002:0a00:0001::1]/",
        "http://[fe80::1]/",
        "http://[fd00:ec2::254]/",
        "http://0.0.0.0/",
        "http://0x7f.1/",
        "http://2130706433/",
        "http://10.1.2.3/",
        "http://192.168.0.1/",
        "http://172.16.0.1/",
        "http://100.64.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://168.63.129.16/",
        "http://224.0.0.1/",
        "http://[ff02::1]/",
        "http://240.0.0.1/",
        "http://8.8.8.8:22/",
        "https://8.8.8.8:8443/",
        "http://user:secret@127.0.0.1/",
    ],
)
def test_an_address_that_is_not_public_is_not_asked(url):
    asked = []

    answer = asking.ask(url, user_agent="Test", before=asked.append)

    assert answer == Answer(None, problem="Not asked: the address is not public")
    assert asked == []


@pytest.mark.parametrize(
    "url", ["ftp://8.8.8.8/", "http:///a", "http://[x/", "http://8.8.8.8:99999/", "http://a..b/", "x", ""]
)
def test_what_is_no_web_address_is_not_asked(url):
    answer = asking.ask(url, user_agent="Test", before=pytest.fail)

    assert (answer.status, answer.is_gone) == (None, answer.is_unknown_host)


def test_a_redirect_into_our_own_network_is_not_followed(site):
    """The first step is allowed to the test; the second is judged by the rule itself."""
    steps = []

    def first_only(address, port):
        steps.append((str(address), port))
        return len(steps) == 1 or asking.is_public(address, port)

    site.pages = {"/a": (302, f"{site.url}/secret"), "/secret": (200, "")}

    answer = ask(f"{site.url}/a", may_connect=first_only)

    assert answer == Answer(None, problem="Not asked: the address is not public")
    assert site.seen == [("HEAD", "/a")]
    assert steps == [("127.0.0.1", site.server_port)] * 2


def test_one_private_address_among_those_of_a_name_is_enough(site):
    """The name stands for two addresses here; refusing one of them refuses the name."""
    addresses = {place[0] for *_, place in socket.getaddrinfo("localhost", site.server_port)}

    answer = ask(
        f"http://localhost:{site.server_port}/",
        may_connect=lambda address, port: str(address) != sorted(addresses)[-1],
    )

    assert answer.problem == "Not asked: the address is not public"
    assert site.seen == []


def test_the_connection_goes_to_the_address_that_was_checked(site):
    """Not to what the name stands for by then: the name is looked up once."""
    site.pages["/"] = (200, "")
    step = asking._Step.to(f"http://name-without-any-address.invalid:{site.server_port}/")

    status, _ = step.request("HEAD", ["127.0.0.1"], "Test", 5)

    assert status == 200
    assert site.agents[0][1] == f"name-without-any-address.invalid:{site.server_port}"


@given(st.ip_addresses())
def test_public_is_at_most_what_the_registries_call_global(address):
    assert not (asking.is_public(address, 443) and address.is_private)
    assert not (asking.is_public(address, 443) and address.is_multicast)


@given(st.ip_addresses(v=4))
def test_an_address_inside_an_ipv6_one_is_judged_like_itself(address):
    for inside in (f"::ffff:{address}", f"64:ff9b::{address}"):
        if asking.is_public(ipaddress.ip_address(inside), 80):
            assert asking.is_public(address, 80)


def test_public_addresses_are_public():
    for address in ("8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"):
        assert asking.is_public(ipaddress.ip_address(address), 443)


# What goes wrong


def test_a_host_that_does_not_answer_in_time_proves_nothing():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        answer = ask(f"http://127.0.0.1:{silent.getsockname()[1]}/", timeout=0.05)

    assert (answer.status, answer.is_gone) == (None, False)
    assert answer.problem in ("No answer in time", "No answer that can be read")


def test_an_answer_that_comes_byte_by_byte_is_cut_at_its_deadline():
    stop = threading.Event()

    def drip(server):
        line, _ = server.accept()
        with line:
            line.sendall(b"HTTP/1.1 200 OK\r\nX: ")
            while not stop.wait(0.02):
                try:
                    line.sendall(b"x")
                except OSError:
                    break

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=[server])
        thread.start()
        answer = ask(f"http://127.0.0.1:{server.getsockname()[1]}/", timeout=0.2)
        stop.set()
        thread.join()

    assert answer == Answer(None, problem="No answer in time")


@pytest.mark.parametrize("reply", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 999999 X\r\n\r\n", b"\x00" * 99])
def test_an_answer_that_is_none_proves_nothing(reply):
    def answer_once(server):
        line, _ = server.accept()
        with line:
            line.recv(1000)
            line.sendall(reply)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer_once, args=[server])
        thread.start()
        answer = ask(f"http://127.0.0.1:{server.getsockname()[1]}/", timeout=5)
        thread.join()

    assert answer == Answer(None, problem="No answer that can be read")


def test_a_site_that_speaks_no_tls_proves_nothing(site):
    answer = ask(f"https://127.0.0.1:{site.server_port}/", timeout=5)

    assert (answer.status, answer.is_gone, bool(answer.problem)) == (None, False, True)


def test_a_closed_door_proves_nothing():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    assert ask(f"http://127.0.0.1:{port}/") == Answer(None, problem="Connection refused")
