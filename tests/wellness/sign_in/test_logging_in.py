"""Getting in: password, second step, and all who must stay outside."""

import re

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.conf import settings as real_settings
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.one_time_codes import code
from tests.wellness.sign_in.conftest import PASSWORD

WRONG = "The username or the password is not correct."


def where(answer):
    return answer.status_code, answer.headers.get("Location")


def is_in(client):
    return "_auth_user_id" in client.session


def test_code_of_an_app_is_that_of_the_standard():
    """The appendix of RFC 6238 gives 94287082 for 59 seconds, with eight digits."""
    assert code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", at=59) == "287082"


def test_password_alone_leads_to_the_second_step(client, app, log_in):
    answer = log_in()

    assert where(answer) == (302, reverse("mfa_authenticate"))
    assert not is_in(client)
    assert where(client.get("/admin/")) == (302, "/admin/login/?next=/admin/")


def test_code_of_the_app_lets_in(client, app, clock, log_in, send_code):
    log_in(next_url="/admin/articles/topic/")

    answer = send_code(app)

    assert where(answer) == (302, "/admin/articles/topic/")
    assert client.get("/admin/articles/topic/").status_code == 200


def test_wrong_code_lets_nobody_in(client, app, clock, log_in, send_code):
    log_in()

    answer = send_code(code(app.data["secret"], at=clock.now + 3000))

    assert answer.status_code == 200
    assert "This is not right." in answer.content.decode()
    assert not is_in(client)


@pytest.mark.parametrize(("seconds", "holds"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_code_of_the_half_minute_before_or_after_holds(seconds, holds, client, app, clock, log_in, send_code):
    log_in()

    send_code(code(app.data["secret"], at=clock.now + seconds))

    assert is_in(client) is holds


@pytest.mark.parametrize("later", [0, 28, 31, 58])
@pytest.mark.parametrize("ahead", [-30, 0, 30])
def test_used_code_is_refused_as_long_as_it_would_hold(ahead, later, client, app, clock, log_in, send_code):
    used = code(app.data["secret"], at=clock.now + ahead)
    log_in()
    send_code(used)
    assert is_in(client)
    client.post(reverse("account_logout"))
    log_in()

    clock.now += later
    answer = send_code(f" {used[:3]} {used[3:]}")

    assert answer.status_code == 200
    assert not is_in(client)


def test_recovery_code_lets_in_once(client, person, app, log_in, send_code):
    codes = RecoveryCodes.activate(person).generate_codes()
    log_in()
    assert where(send_code(codes[0])) == (302, "/admin/")
    client.post(reverse("account_logout"))

    log_in()
    again = send_code(codes[0])

    assert again.status_code == 200
    assert not is_in(client)
    assert where(send_code(codes[1])) == (302, "/admin/")


def test_second_step_cannot_be_opened_without_the_first(client, app):
    assert where(client.get(reverse("mfa_authenticate"))) == (302, reverse("account_login"))


def test_log_in_page_of_the_admin_keeps_where_somebody_wanted_to_go(client, db):
    assert where(client.get("/admin/login/?next=/admin/articles/topic/%3Fq%3Da")) == (
        302,
        "/account/login/?next=/admin/articles/topic/%3Fq%3Da",
    )
    assert where(client.get("/admin/login/")) == (302, "/account/login/?next=/admin/")


def test_log_in_page_of_the_admin_takes_no_password(client, person):
    answer = client.post("/admin/login/", {"username": "vera", "password": PASSWORD})

    assert where(answer) == (302, "/account/login/?next=/admin/")
    assert not is_in(client)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "\x00"]
)
def test_nobody_is_sent_to_another_site(target, client, app, clock, log_in, send_code):
    log_in(next_url=target)
    answer = send_code(app)

    assert where(answer) == (302, "/admin/")
    assert client.get(reverse("account_login"), {"next": target}).headers["Location"] == "/admin/"
    out = client.post(reverse("account_logout"), {"next": target})
    assert where(out) == (302, reverse("account_login"))


def test_log_in_changes_the_key_of_the_session(client, person, log_in):
    client.get(reverse("account_login"))
    session = client.session
    session["before"] = 1
    session.save()
    client.cookies["sessionid"] = before = session.session_key

    log_in()

    assert is_in(client)
    assert client.session.session_key != before
    assert not client.session.exists(before)


def test_session_is_kept_from_scripts_and_from_other_sites_and_ends(client, person, log_in):
    answer = log_in()

    cookie = answer.cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"], cookie["path"]) == (
        True,
        "Lax",
        "",
        "/",
    )
    assert client.session.get_expiry_age() <= 12 * 60 * 60
    assert real_settings.SESSION_COOKIE_SECURE is real_settings.SECURE


def test_log_out_ends_the_session(client, person, log_in):
    log_in()
    key = client.session.session_key

    answer = client.post("/admin/logout/")

    assert where(answer) == (302, reverse("account_login"))
    assert not is_in(client)
    assert not client.session.exists(key)


@pytest.mark.parametrize("path", ["/admin/logout/", "/account/logout/"])
def test_following_a_link_logs_nobody_out(path, client, person, app):
    client.force_login(person)

    client.get(path, follow=True)

    assert is_in(client)


def test_forms_need_their_token(person):
    strict = Client(enforce_csrf_checks=True)

    answer = strict.post(reverse("account_login"), {"login": "vera", "password": PASSWORD})

    assert answer.status_code == 403
    assert not is_in(strict)


# Who must stay outside


def test_closed_account_does_not_get_in(client, person, log_in):
    get_user_model().objects.update(is_active=False)

    answer = log_in()

    assert where(answer) == (302, reverse("account_inactive"))
    assert not is_in(client)


def test_somebody_who_is_not_on_the_staff_gets_no_admin(client, person, log_in, settings):
    topic = factories.TopicFactory(title="Zinc and the common cold")
    get_user_model().objects.update(is_staff=False)
    log_in()
    assert is_in(client)

    answer = client.get(f"/admin/articles/topic/{topic.pk}/change/", follow=True)

    assert answer.status_code == 403
    assert "Zinc" not in answer.content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    "path",
    [
        "signup/",
        "signup/passkey/",
        "email/",
        "confirm-email/",
        "login/code/",
        "login/code/confirm/",
        "3rdparty/",
        "social/signup/",
        "security/passkeys/signup/",
        "2fa/",
    ],
)
def test_nobody_makes_an_account(path, method, client, db):
    data = {"username": "new", "email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD}

    answer = getattr(client, method)(f"/account/{path}", data)

    # These addresses belong to the public pages, which take no POST.
    assert answer.status_code in ({404} if method == "get" else {404, 405})
    assert not get_user_model().objects.exists()


def test_adapter_says_that_nobody_signs_up(rf, db):
    from allauth.account.adapter import get_adapter

    assert get_adapter().is_open_for_signup(rf.get("/")) is False


# What the answers tell


def words(answer):
    """A page without what differs each time."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())


def test_wrong_password_and_unknown_name_are_answered_alike(client, person, log_in):
    wrong, unknown = log_in(password="wrong"), log_in(username="nobody", password="wrong")

    assert wrong.status_code == unknown.status_code == 200
    assert words(wrong) == words(unknown).replace("nobody", "vera")
    assert WRONG in words(wrong)


def test_wrong_password_for_a_closed_account_tells_nothing(client, person, log_in):
    get_user_model().objects.update(is_active=False)

    assert WRONG in words(log_in(password="wrong"))


@pytest.mark.parametrize("name", ["vera", "nobody"])
def test_password_is_not_guessed_for_long(name, client, person, log_in):
    for _ in range(5):
        assert WRONG in words(log_in(username=name, password="wrong"))

    answer = log_in(username=name)

    assert "Too many attempts." in words(answer)
    assert not is_in(client)


def test_code_is_not_guessed_for_long(client, app, clock, log_in, send_code):
    log_in()
    for _ in range(5):
        send_code("000000")

    answer = send_code(app)

    assert "Too many attempts." in words(answer)
    assert not is_in(client)


def test_many_names_from_one_address_are_too_many(client, db, log_in):
    answers = [log_in(username=f"name{n}") for n in range(11)]

    assert ["Too many attempts." in words(answer) for answer in answers] == [False] * 10 + [True]


def test_thirty_forms_a_minute_are_too_many(client, db, log_in):
    answers = [log_in(username=f"name{n}") for n in range(31)]

    assert [answer.status_code for answer in answers] == [200] * 30 + [429]
    assert "too many attempts" in words(answers[-1])


def test_address_that_the_sender_writes_counts_only_behind_a_proxy(client, db, log_in, settings):
    def is_limited(n, forged):
        return "Too many attempts." in words(log_in(username=f"name{n}", HTTP_X_FORWARDED_FOR=forged))

    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    without_proxy = [is_limited(n, f"192.0.2.{n}") for n in range(11)]
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    behind_proxy = [is_limited(20 + n, f"192.0.2.{n}, 198.51.100.7") for n in range(10)]

    assert without_proxy == [False] * 10 + [True]
    assert behind_proxy == [False] * 10
    # The last address is the one that the proxy saw.
    assert is_limited(40, "192.0.2.99, 198.51.100.7")
    assert not is_limited(41, "198.51.100.7, 198.51.100.8")
