"""Who gets what at every address of the admin: one row for each view, and nothing that slips out.

A new view fails this test until it has its row: in MODELS for the pages that every model has, else in VIEWS.
"""

import datetime
from dataclasses import dataclass

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client
from django_tasks_db.models import DBTaskResult
from taggit.models import Tag

from articles import checkpoints, freezing
from articles.permissions import Role
from tests import factories
from tests.admin_addresses import address, views

# One letter for each person on the staff: the five roles, and somebody without any.
PEOPLE = {
    "w": Role.WRITER,
    "e": Role.EDITOR,
    "r": Role.REVIEWER,
    "p": Role.PUBLISHER,
    "c": Role.CURATOR,
    "n": None,
}
ROLES, STAFF, NOBODY = "werpc", "werpcn", ""
OUTSIDERS = ("anonymous", "reader with an account")


@dataclass(frozen=True)
class Row:
    """Who of the staff gets in, and what; the others are refused. Who is not on the staff is sent to log in.

    opens: who gets `answer`. writes: who of them may also send something there, all of them if None.
    query may name the arguments of its view in braces; data is what is posted.
    """

    opens: str
    answer: int = 200
    refusal: int = 403
    method: str = "get"
    writes: str | None = None
    query: str = ""
    data: dict | None = None


# For each model who may look, add, change, delete.
MODELS = {
    "articles.category": (ROLES, "e", "e", "e"),
    "articles.edition": (ROLES, NOBODY, NOBODY, NOBODY),
    "articles.event": (ROLES, NOBODY, NOBODY, NOBODY),
    "articles.folder": (ROLES, "we", "we", "e"),
    "articles.image": (ROLES, "we", "we", "e"),
    "articles.message": ("ep", NOBODY, NOBODY, NOBODY),
    "articles.missedsearch": (ROLES, NOBODY, NOBODY, "e"),
    "articles.term": (ROLES, "e", "e", "e"),
    "articles.topic": (ROLES, "we", "we", "e"),
    "auth.group": (NOBODY,) * 4,
    "auth.user": (NOBODY,) * 4,
    "django_tasks_database.dbtaskresult": (NOBODY,) * 4,
    "evidence.appraisal": (ROLES, "c", "c", "c"),
    "evidence.arm": (ROLES, "c", "c", "c"),
    "evidence.assessment": (ROLES, NOBODY, NOBODY, NOBODY),  # signed
    "evidence.conclusion": (ROLES, "ec", "ec", "ec"),
    "evidence.intervention": (ROLES, "c", "c", "c"),
    "evidence.outcome": (ROLES, "c", "c", "c"),
    "evidence.population": (ROLES, "c", "c", "c"),
    "evidence.report": (ROLES, "c", "c", "c"),
    "evidence.result": (ROLES, "c", "c", "c"),
    "evidence.sample": (ROLES, "c", "c", "c"),
    "evidence.study": (ROLES, "c", "c", "c"),
    "evidence.tool": (ROLES, NOBODY, "c", NOBODY),
    "mfa.authenticator": (NOBODY,) * 4,
    "taggit.tag": (ROLES, "we", "e", NOBODY),
}

VIEWS = {
    # The site
    "index": Row(STAFF),
    "login": Row(STAFF, 302),
    "logout": Row(STAFF, 302),
    "password_change": Row(STAFF, 302),
    "password_change_done": Row(STAFF, 302),
    "jsi18n": Row(STAFF),
    "view_on_site": Row(NOBODY, refusal=404),
    "app_list": Row(ROLES, refusal=404),
    "autocomplete": Row(ROLES, query="?app_label=articles&model_name=topic&field_name=category&term=Z"),
    "auth_user_password_change": Row(NOBODY),
    "rest /admin/no-such-page/": Row(NOBODY, refusal=404),
    # Reports and notices
    "report": Row(ROLES),
    "report_csv": Row(ROLES),
    "notices": Row(ROLES),
    "notice_choices": Row(ROLES),
    "notice_open": Row(ROLES, 404),  # it is somebody else's
    "notice_read": Row(ROLES, 404, method="post"),
    "notices_read": Row(ROLES, 302, method="post"),
    # Topics
    "articles_topic_action": Row("we"),
    "articles_topic_call_off": Row("p", 302, method="post"),
    "articles_topic_checks": Row(ROLES),
    "articles_topic_comments": Row(ROLES),
    "articles_topic_comment_answer": Row(ROLES, 302, method="post", data={"text": "It is."}),
    "articles_topic_comment_change": Row(NOBODY, method="post"),  # it is somebody else's
    "articles_topic_comment_remove": Row(NOBODY, method="post"),
    "articles_topic_comment_reopen": Row(ROLES, 302, method="post"),
    "articles_topic_comment_resolve": Row(ROLES, 302, method="post"),
    "articles_topic_compare": Row(ROLES, query="?from={ref}&to=working"),
    "articles_topic_copy": Row("we"),
    "articles_topic_presence": Row(ROLES, method="post"),
    "articles_topic_preview": Row(ROLES),
    "articles_topic_preview_page": Row(ROLES),
    "articles_topic_preview_typed": Row("we", method="post"),
    "articles_topic_publish": Row("p"),
    "articles_topic_restore": Row("we"),
    "articles_topic_revoke": Row("we", 302, method="post"),
    "articles_topic_share": Row("we"),
    "articles_topic_withdraw": Row("p"),
    # Images
    "articles_image_thumbnail": Row(ROLES, 302),
    # Conclusions
    "evidence_conclusion_assess": Row("erc"),
    "evidence_conclusion_assess_preview": Row("erc", method="post"),
    "evidence_conclusion_triage": Row("erc"),
    # Trees
    "rest /admin/articles/folder/move-node/": Row("we", 200, method="post"),
    "rest /admin/articles/topic/move-node/": Row("we", 200, method="post"),
    "rest /admin/evidence/intervention/move-node/": Row("c", 200, method="post"),
    "rest /admin/evidence/outcome/move-node/": Row("c", 200, method="post"),
    "rest /admin/evidence/population/move-node/": Row("c", 200, method="post"),
}


def rows():
    """Each view of the admin with its route and its row; a view without a row is a KeyError."""
    for name, route in views():
        label = ".".join(route.split("/")[2:4])
        page = name.rpartition("_")[2]
        is_of_model = name == label.replace(".", "_") + f"_{page}"
        if is_of_model and page in ("changelist", "history"):
            yield name, route, Row(MODELS[label][0])
        elif name.endswith("_simple_history") or (is_of_model and page == "change"):
            yield name, route, Row(MODELS[label][0], writes=MODELS[label][2])
        elif is_of_model and page == "add":
            yield name, route, Row(MODELS[label][1])
        elif is_of_model and page == "delete":
            yield name, route, Row(MODELS[label][3])
        elif name == "rest" and route.endswith("<path:object_id>/"):
            # The short address of a row, which leads to its page and says nothing.
            yield f"{name} {route}", route, Row(STAFF, 302)
        else:
            key = f"{name} {route}" if name == "rest" else name
            yield key, route, VIEWS[key]


@dataclass
class World:
    """Rows with words that are found nowhere else."""

    objects: dict
    arguments: dict
    # Words that only these may read; everybody else never, wherever they look.
    secrets: dict

    def address(self, name, route, row):
        """The address of a view with its query, about these rows."""
        found = {}
        label = ".".join(route.split("/")[2:4])
        if label in self.objects:
            found["object_id"] = self.objects[label].pk
            if name.endswith("_simple_history"):
                found["version_id"] = self.objects[label].history.first().pk
        found |= self.arguments["*"] | self.arguments.get(name, {})
        return address(route, **found) + row.query.format(**found)


@pytest.fixture
def world(db, now):
    author = factories.UserFactory(username="wombat", email="wombat@example.org")
    topic = factories.TopicFactory(
        title="Zyxomma and sleep", short_title="Zyxomma", slug="zyxomma", owner=author
    )
    factories.RichTextFactory(parent=topic, text="<p>Quokkas slept longer.</p>")
    study = factories.StudyFactory(title="Wobbegong trial", state="draft")
    message = factories.MessageFactory(text="My numbat is ill.", name="Numbat", email="numbat@example.org")
    grant = factories.PreviewGrantFactory(
        topic=topic, for_whom="Doctor Thylacine", made_at=datetime.datetime.now(datetime.UTC), made_by=author
    )
    # Live, so that it could be withdrawn.
    factories.EditionFactory(topic=topic, content=freezing.freeze(topic), published_by=author)
    comment = factories.CommentFactory(topic=topic, text="Is the bandicoot meant?", by=author)
    notice = factories.NoticeFactory(to=author, topic=topic, text="The bilby was handed in.")
    factor = factories.AuthenticatorFactory(user=author)
    result = factories.ResultFactory(study=study)
    checkpoint = checkpoints.keep(topic=topic, by=author, at=now)
    image = factories.ImageFactory(title="Potoroo")
    task = DBTaskResult.objects.create(
        args_kwargs={"args": ["dunnart"], "kwargs": {}},
        task_path="a.b",
        run_after=now,
        backend_name="default",
    )
    objects = {
        "articles.category": topic.category,
        "articles.edition": factories.EditionFactory(topic=factories.TopicFactory(), published_by=author),
        "articles.event": factories.EventFactory(topic=topic, by=author),
        "articles.folder": factories.FolderFactory(name="Cuscus"),
        "articles.image": image,
        "articles.message": message,
        "articles.missedsearch": factories.MissedSearchFactory(words="kowari"),
        "articles.term": factories.TermFactory(name="Betong"),
        "articles.topic": topic,
        "auth.group": Group.objects.create(name="Mulgara"),
        "auth.user": author,
        "django_tasks_database.dbtaskresult": task,
        "evidence.appraisal": factories.AppraisalFactory(study=study),
        "evidence.arm": result.arm,
        "evidence.assessment": factories.SignedAssessmentFactory(seen="Dibbler"),
        "evidence.conclusion": factories.ConclusionFactory(outcome__name="Kultarr"),
        "evidence.intervention": factories.InterventionFactory(name="Planigale"),
        "evidence.outcome": factories.OutcomeFactory(name="Ningaui"),
        "evidence.population": factories.PopulationFactory(name="Phascogale"),
        "evidence.report": factories.ReportFactory(study=study),
        "evidence.result": result,
        "evidence.sample": result.sample,
        "evidence.study": study,
        "evidence.tool": factories.ToolDomainFactory().tool,
        "mfa.authenticator": factor,
        "taggit.tag": Tag.objects.create(name="Antechinus"),
    }
    return World(
        objects=objects,
        arguments={
            "*": {"app_label": "articles"},
            "report": {"slug": "site-history"},
            "report_csv": {"slug": "site-history"},
            "view_on_site": {
                "content_type_id": ContentType.objects.get_for_model(topic).pk,
                "object_id": topic.pk,
            },
            "articles_topic_action": {"slug": "hand-in"},
            "articles_topic_restore": {"ref": f"c{checkpoint.pk}"},
            "articles_topic_compare": {"ref": "e1"},
            "articles_topic_revoke": {"grant": grant.pk},
            "articles_image_thumbnail": {"key": image.pk},
            "notice_open": {"pk": notice.pk},
            "notice_read": {"pk": notice.pk},
            **{
                f"articles_topic_comment_{what}": {"comment": comment.pk}
                for what in ("answer", "change", "remove", "resolve", "reopen")
            },
        },
        secrets={
            "Zyxomma": ROLES,
            "zyxomma": ROLES,
            "Quokkas": ROLES,
            "Wobbegong": ROLES,
            "bandicoot": ROLES,
            "numbat": "ep",
            "Thylacine": "we",
            grant.token: "we",
            "bilby": NOBODY,
            factor.data["secret"]: NOBODY,
            "wombat@example.org": NOBODY,
            "dunnart": NOBODY,
            "Mulgara": NOBODY,
            "Potoroo": ROLES,
            "Cuscus": ROLES,
            "kowari": ROLES,
            "Dibbler": ROLES,
            "Kultarr": ROLES,
            "Betong": ROLES,
            "Planigale": ROLES,
            "Ningaui": ROLES,
            "Phascogale": ROLES,
            "Antechinus": ROLES,
        },
    )


def ask(key, method, path, data=None):
    """One request, after which nothing in the database has changed."""
    client = Client()
    if key is not None:
        client.cookies["sessionid"] = key
    with transaction.atomic():
        answer = getattr(client, method)(path, data)
        content = b"".join(answer) if answer.streaming else answer.content
        transaction.set_rollback(True)
    return answer.status_code, answer.headers.get("Location", ""), content.decode()


def key_of(user):
    """The key of a session in which `user` is logged in."""
    client = Client()
    client.force_login(user)
    return client.session.session_key


def somebody(letter):
    user = factories.UserFactory(username=f"person-{letter}", is_staff=True)
    if PEOPLE[letter] is not None:
        user.groups.add(Group.objects.get(name=PEOPLE[letter]))
    return user


def told(words, secrets, letter="-"):
    """The secrets in `words` that the person of this letter, by default nobody, may read nowhere."""
    return [secret for secret, readers in secrets.items() if secret in words and letter not in readers]


def test_every_view_has_its_row_and_every_row_its_view():
    found = {key: route for key, route, _ in rows()}

    assert set(VIEWS) - set(found) == set()
    assert set(MODELS) == {model._meta.label_lower for model in admin.site._registry}


@pytest.mark.parametrize("letter", PEOPLE, ids=[name or "no role" for name in PEOPLE.values()])
def test_staff_gets_exactly_what_the_table_says(letter, world):
    key = key_of(somebody(letter))
    wrong, slipped = {}, {}

    for name, route, row in rows():
        path = world.address(name, route, row)
        is_in = letter in row.opens
        status, location, content = ask(key, row.method, path, row.data)
        expected = row.answer if is_in else row.refusal
        if status != expected:
            wrong[name] = f"{status} instead of {expected}"
        words = location + content
        leaks = told(words, world.secrets, letter if is_in else "-")
        if leaks:
            slipped[name] = leaks

    assert wrong == {}
    assert slipped == {}


@pytest.mark.parametrize("letter", PEOPLE, ids=[name or "no role" for name in PEOPLE.values()])
def test_staff_sends_nothing_where_it_may_not_write(letter, world):
    key = key_of(somebody(letter))
    wrong, slipped = {}, {}

    for name, route, row in rows():
        if letter in (row.opens if row.writes is None else row.writes):
            continue
        status, location, content = ask(key, "post", world.address(name, route, row), row.data)
        if status not in (403, 404, 405):
            wrong[name] = status
        if told(location + content, world.secrets):
            slipped[name] = told(location + content, world.secrets)

    assert wrong == {}
    assert slipped == {}


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("who", OUTSIDERS)
def test_who_is_not_on_the_staff_is_sent_to_log_in_from_everywhere(who, method, world):
    key = None if who == "anonymous" else key_of(factories.UserFactory())
    found, slipped = {}, {}

    for name, route, row in rows():
        status, location, content = ask(key, method, world.address(name, route, row))
        found[name] = (status, location.partition("?")[0])
        # The address that was asked for comes back as the place to go to after log in.
        if told(content, world.secrets):
            slipped[name] = told(content, world.secrets)

    at_login = (302, "/account/login/") if who == "anonymous" else (403, "")
    assert found.pop("login") == at_login
    assert found.pop("logout") == (302, "/admin/")
    assert set(found.values()) == {(302, "/admin/login/")}
    assert slipped == {}
