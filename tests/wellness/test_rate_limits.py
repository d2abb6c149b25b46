"""So many requests in a minute, and nothing kept that tells who sent them."""

import pytest
from django.core.cache import cache

from wellness import rate_limits

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _three_a_minute(settings):
    settings.API_REQUESTS_A_MINUTE = 3


def test_each_address_has_so_many_in_a_minute():
    spent = [rate_limits.take("192.0.2.1", at=100 + n) for n in range(4)]

    assert [(one.remaining, one.reset, one.is_spent) for one in spent] == [
        (2, 20, False),
        (1, 19, False),
        (0, 18, False),
        (0, 17, True),
    ]
    assert not rate_limits.take("192.0.2.2", at=104).is_spent
    assert rate_limits.take("192.0.2.1", at=120).remaining == 2


def test_network_of_ipv6_counts_as_one():
    rate_limits.take("2001:db8:0:1::1", at=100)

    assert rate_limits.take("2001:db8:0:1:ffff::2", at=101).remaining == 1
    assert rate_limits.take("2001:db8:0:2::1", at=101).remaining == 2


def test_cache_knows_no_address():
    rate_limits.take("192.0.2.1", at=100)

    [key] = cache._cache
    assert "192" not in key
    assert not cache.has_key("api-requests:192.0.2.1")


def test_answers_say_how_many_are_left_and_then_when_to_ask_again(client, caplog):
    first = client.get("/api/populations")
    client.head("/api/nothing")
    client.get("/api/populations", headers={"If-None-Match": first["ETag"]})
    last = client.get("/api/populations")

    assert (first["RateLimit-Limit"], first["RateLimit-Remaining"]) == ("3", "2")
    assert 1 <= int(first["RateLimit-Reset"]) <= 60
    assert last.status_code == 429
    assert last["Content-Type"] == "application/problem+json"
    assert last["Retry-After"] == last["RateLimit-Reset"]
    assert last["RateLimit-Remaining"] == "0"
    assert last["Access-Control-Allow-Origin"] == "*"
    assert client.get("/about/").status_code == 200
    assert client.options("/api/populations").status_code == 204
    assert "127.0.0.1" not in caplog.text


def test_behind_a_proxy_the_address_is_what_the_proxy_saw(client, settings):
    settings.BEHIND_PROXY = True
    for made_up in range(3):
        client.get("/api/x", headers={"X-Forwarded-For": f"10.0.0.{made_up}, 192.0.2.1"})

    assert client.get("/api/x", headers={"X-Forwarded-For": "192.0.2.1"}).status_code == 429
    assert client.get("/api/x", headers={"X-Forwarded-For": "192.0.2.1, 192.0.2.9"}).status_code == 404


def test_without_a_limit_nothing_is_counted(client, settings):
    settings.API_REQUESTS_A_MINUTE = 0

    answers = [client.get("/api/populations") for _ in range(5)]

    assert {answer.status_code for answer in answers} == {200}
    assert "RateLimit-Limit" not in answers[0]
