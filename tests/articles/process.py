"""A process of its own with its own connection, which does what a test asks and can be held or killed.

It reads one JSON object a line, `{"do": name, ...}`, and answers each with one. `hold` and `kill` name the
table after whose INSERT it stops in the middle of the work: until the next line comes, or for good.
"""

import datetime
import functools
import json
import os
import signal
import sys

import django
from django.db import connection, transaction

AT = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)


def say(**answer):
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def hear():
    return json.loads(sys.stdin.readline())


def stop_after(table, stop):
    """Runs `stop` right after the database has inserted into `table`."""

    def wrapper(execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        if f'INTO "{table}" ' in sql[:80]:
            stop()
        return result

    return connection.execute_wrapper(wrapper)


def hold():
    say(held=True)
    hear()


def kill():
    os.kill(os.getpid(), signal.SIGKILL)


def draft(*, editions=0):
    """A topic with a study, approved and signed off as it stands, after so many earlier editions."""
    from tests import factories
    from tests.signing import publish_signed, sign

    topic = factories.TopicFactory()
    study = factories.StudyFactory()
    arm = factories.ArmFactory(study=study, interventions=[topic.intervention])
    result = factories.ResultFactory(study=study, arm=arm)
    factories.HeadingFactory(parent=topic, text="What they are", anchor="what", ordering=10)
    factories.EvidenceTableFactory(parent=topic, outcome=result.outcome, ordering=30)
    text = factories.RichTextFactory(parent=topic, text="<p>It may help.</p>", ordering=20)
    for number in range(1, editions + 1):
        publish_signed(topic=topic, by=_publisher(), at=AT - number * HOUR)
        text.text = f"<p>It may help, {number}.</p>"
        text.save()
    sign(topic, at=AT)
    return {"topic": topic.pk}


def publish(*, topic, by=0):
    from articles import publishing
    from articles.models import Topic

    edition = publishing.publish(
        topic=Topic.objects.get(pk=topic), by=_publisher(by), at=AT, change_note="Something changed."
    )
    return {"number": edition.number}


def publish_and_die_after_it(*, topic):
    with transaction.atomic():
        answer = publish(topic=topic)
        transaction.on_commit(kill)
    return answer


def withdraw(*, topic):
    from articles import publishing
    from articles.models import Topic

    editions = publishing.withdraw(
        topic=Topic.objects.get(pk=topic), by=_publisher(), at=AT, note="A study was retracted."
    )
    return {"numbers": [edition.number for edition in editions]}


def state(*, topic):
    """What is there of a topic: its editions, which of them are whole, live and withdrawn, and its state."""
    from articles import freezing
    from articles.models import Edition, Topic

    editions = list(Edition.objects.filter(topic=topic).order_by("number"))
    return {
        "editions": [edition.number for edition in editions],
        "whole": [
            edition.number
            for edition in editions
            if freezing.digest(edition.content) == edition.digest
            and "It may help" in edition.body_html
            and edition.studies.count() == len(edition.content["studies"]) == 1
        ],
        "live": [edition.number for edition in Edition.objects.live(AT + HOUR).filter(topic=topic)],
        "withdrawn": [edition.number for edition in editions if edition.withdrawn_at is not None],
        "published": Topic.objects.get(pk=topic).events.filter(action="publish").count(),
        "state": Topic.objects.get(pk=topic).state,
    }


def open_form(*, topic, by):
    """Load the form of the topic as an editor; what the browser would post is kept in this process."""
    from django.test import Client
    from django.urls import reverse

    from tests.evidence.admin.forms import filled

    address = reverse("admin:articles_topic_change", args=[topic])
    client = Client()
    client.force_login(_publisher(by))
    _opened[topic] = (client, address, filled(client.get(address)))
    return {}


def save_form(*, topic, **typed):
    """Save the form with what was typed; says whether a conflict is asked about."""
    client, address, data = _opened[topic]
    response = client.post(address, {**data, **typed})
    return {"status": response.status_code, "asks": len((response.context or {}).get("questions", []))}


def say_that_one_is_here(*, topic, by):
    """Whether it was noted; who waits for another writer gets no answer before that one is done."""
    from articles import presence
    from articles.models import Topic

    there = Topic.objects.get(pk=topic)
    noted = presence.here(topic=there, user=_publisher(by), at=AT, has_changes=True)
    return {"noted": noted, "patience": _patience()}


def _patience():
    """How long this connection waits for other writers: as ever."""
    if connection.vendor != "sqlite":
        return None
    with connection.cursor() as cursor:
        return cursor.execute("PRAGMA busy_timeout").fetchone()[0]


def plan(*, topic, hours):
    """Publish what goes live by itself so many hours later."""
    from articles import publishing
    from articles.models import Topic

    edition = publishing.publish(
        topic=Topic.objects.get(pk=topic),
        by=_publisher(),
        at=AT,
        change_note="Something changed.",
        go_live_at=AT + hours * HOUR,
    )
    return {"number": edition.number}


def address(*, topic):
    from articles.models import Edition

    return Edition.objects.filter(topic=topic).latest("number").get_absolute_url()


def rename_study(*, label):
    from evidence.models import Study

    Study.objects.update(label=label)
    return Study.objects.latest("pk").get_absolute_url()


def get(*, path, hours=1):
    """What a reader is answered so many hours later, and with how many queries."""
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    clock, timezone.now = timezone.now, lambda: AT + hours * HOUR
    try:
        with CaptureQueriesContext(connection) as queries:
            response = _reader().get(path)
            return {
                "status": response.status_code,
                "says": response.content.decode(),
                "queries": len(queries),
            }
    finally:
        timezone.now = clock


@functools.cache
def _reader():
    """One handler, as in a process that serves."""
    from django.test import Client

    return Client()


def fields(*, topic, names):
    from articles.models import Topic

    return Topic.objects.values(*names).get(pk=topic)


def import_studies(*, records):
    from evidence.importing import import_studies

    return {"written": import_studies(records=records, at=AT).written}


def count_evidence():
    from evidence import models

    return {
        name: [getattr(models, name).objects.count(), getattr(models, name).history.count()]
        for name in ("Study", "Report", "Sample", "Arm", "Result")
    }


_opened = {}


def _publisher(number=0):
    from django.contrib.auth.models import User

    return User.objects.get_or_create(
        username=f"publisher{number}", defaults={"is_staff": True, "is_superuser": True}
    )[0]


DOES = {
    name: globals()[name]
    for name in (
        "draft",
        "publish",
        "publish_and_die_after_it",
        "withdraw",
        "state",
        "open_form",
        "save_form",
        "say_that_one_is_here",
        "plan",
        "address",
        "rename_study",
        "get",
        "fields",
        "import_studies",
        "count_evidence",
    )
}


def main():
    django.setup()
    from django.conf import settings
    from django.test.utils import override_settings, setup_test_environment

    setup_test_environment(debug=False)
    # As in tests/conftest.py: static files need not be collected.
    static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    override_settings(STORAGES={**settings.STORAGES, "staticfiles": static}).enable()
    say(ready=True)
    for line in sys.stdin:
        asked = json.loads(line)
        does = DOES[asked.pop("do")]
        where, stop = asked.pop("kill", ""), kill
        if "hold" in asked:
            where, stop = asked.pop("hold"), hold
        say(begun=True)
        if where:
            with stop_after(where, stop):
                answer = does(**asked)
        else:
            answer = does(**asked)
        say(answer=answer)


if __name__ == "__main__":
    main()
