"""What went out stays as it went out, whatever asks the database to change it."""

import datetime

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection, migrations, models, transaction
from django.db.models.signals import post_migrate, pre_migrate

from articles.models import Edition, Event, SignOff
from evidence import immutability
from tests.factories import EditionFactory, TopicFactory, UserFactory

pytestmark = pytest.mark.django_db

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def edition(db):
    return EditionFactory(title="As it went out")


@pytest.fixture
def sign_off(edition, now):
    return SignOff.objects.create(
        topic=edition.topic, kind=SignOff.Kind.EDITORIAL, digest="0" * 64, by=UserFactory(), at=now
    )


@pytest.fixture
def event(edition, now):
    return Event.objects.create(topic=edition.topic, action="publish", at=now)


def refused(action, message):
    """The database itself refuses it."""
    with pytest.raises(IntegrityError, match=message), transaction.atomic():
        action()


def run(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def migrate_signal(signal, *operations, app_label="articles"):
    """What `migrate` sends before and after these operations."""
    migration = migrations.Migration("0099_change", app_label)
    migration.operations = list(operations)
    for label in ("search", "evidence", "articles"):
        config = apps.get_app_config(label)
        signal.send(
            sender=config,
            app_config=config,
            verbosity=0,
            interactive=False,
            using="default",
            apps=apps,
            plan=[(migration, False)],
        )


@pytest.mark.parametrize(
    "name", sorted(field.name for field in Edition._meta.concrete_fields if not field.primary_key)
)
def test_edition_has_exactly_four_columns_that_change(name, edition, now):
    values = {
        "topic": lambda: TopicFactory(),
        "category": lambda: TopicFactory().category,
        "published_by": lambda: UserFactory(),
        "withdrawn_by": lambda: UserFactory(),
        "expires_at": lambda: edition.go_live_at + HOUR,
        "withdrawn_at": lambda: now,
        "published_at": lambda: now,
        "go_live_at": lambda: now,
        "content": lambda: {"x": 1},
        "page": lambda: {"x": 1},
        "number": lambda: 7,
        "schema": lambda: 7,
        "is_minor": lambda: True,
        "is_correction": lambda: True,
    }
    value = values.get(name, lambda: "x")()
    more = {"withdrawal_note": "Wrong."} if name == "withdrawn_at" else {}
    editions = Edition.objects.filter(pk=edition.pk)

    if name in Edition.CHANGEABLE:
        assert editions.update(**{name: value}, **more) == 1
        assert editions.filter(**{name: value}).exists()
    else:
        before = editions.values(name).get()
        refused(lambda: editions.update(**{name: value}), "An edition never changes.")
        assert editions.values(name).get() == before


def test_edition_is_not_changed_by_any_other_way(edition):
    edition.title = "Changed"

    refused(lambda: Edition.objects.bulk_update([edition], ["title"]), "An edition never changes.")
    refused(lambda: models.Model.save(edition), "An edition never changes.")
    refused(
        lambda: Edition.objects.bulk_create(
            [edition], update_conflicts=True, unique_fields=["id"], update_fields=["title"]
        ),
        "An edition",
    )
    refused(lambda: run("UPDATE articles_edition SET title = 'Changed'"), "An edition never changes.")
    refused(lambda: run("UPDATE articles_edition SET id = id + 1000"), "An edition never changes.")

    assert Edition.objects.get(pk=edition.pk).title == "As it went out"


def test_edition_is_not_deleted(edition):
    refused(edition.delete, "An edition is never deleted.")
    refused(Edition.objects.all().delete, "An edition is never deleted.")
    refused(lambda: Edition.objects.all()._raw_delete("default"), "An edition is never deleted.")
    refused(lambda: run("DELETE FROM articles_edition"), "An edition is never deleted.")

    assert Edition.objects.get() == edition


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own statement")
def test_edition_is_not_replaced(edition):
    columns = [field.column for field in Edition._meta.concrete_fields]
    names = ", ".join(f'"{column}"' for column in columns)
    same_key = ", ".join("'Changed'" if column == "title" else f'"{column}"' for column in columns)
    same_number = ", ".join(
        {"id": "id + 1000", "title": "'Changed'"}.get(column, f'"{column}"') for column in columns
    )

    for values in (same_key, same_number):
        refused(
            lambda values=values: run(
                f"INSERT OR REPLACE INTO articles_edition ({names}) SELECT {values} FROM articles_edition"  # noqa: S608
            ),
            "An edition is never replaced.",
        )

    assert Edition.objects.get().title == "As it went out"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's own statement")
@pytest.mark.django_db(transaction=True)
def test_edition_is_not_truncated(edition):
    refused(lambda: run("TRUNCATE articles_edition CASCADE"), "An edition is never deleted.")

    assert Edition.objects.get() == edition


def test_edition_is_withdrawn_once(edition, now):
    by = UserFactory()
    editions = Edition.objects.filter(pk=edition.pk)
    editions.update(withdrawn_at=now, withdrawn_by=by, withdrawal_note="A study was retracted.")

    for change in (
        {"withdrawn_at": None},
        {"withdrawn_at": now + HOUR},
        {"withdrawn_by": None},
        {"withdrawal_note": "Nothing happened."},
        {"withdrawn_at": None, "withdrawn_by": None, "withdrawal_note": ""},
    ):
        refused(lambda change=change: editions.update(**change), "A withdrawal never changes.")
    editions.update(expires_at=now, withdrawn_at=now)

    assert editions.values("withdrawn_at", "withdrawn_by", "withdrawal_note", "expires_at").get() == {
        "withdrawn_at": now,
        "withdrawn_by": by.pk,
        "withdrawal_note": "A study was retracted.",
        "expires_at": now,
    }


def test_sign_off_stays_as_it_was_given(sign_off):
    sign_offs = SignOff.objects.all()

    refused(lambda: sign_offs.update(digest="1" * 64), "A sign-off never changes.")
    refused(lambda: sign_offs.update(by=UserFactory()), "A sign-off never changes.")
    refused(lambda: run("UPDATE articles_signoff SET note = 'x'"), "A sign-off never changes.")
    refused(sign_off.delete, "A sign-off is never deleted.")
    refused(lambda: run("DELETE FROM articles_signoff"), "A sign-off is never deleted.")

    assert sign_offs.values("digest", "note").get() == {"digest": "0" * 64, "note": ""}


def test_event_stays_as_it_happened(event):
    refused(lambda: Event.objects.update(action="withdraw"), "An event never changes.")
    refused(lambda: run("UPDATE articles_event SET comment = 'x'"), "An event never changes.")
    refused(Event.objects.all().delete, "An event is never deleted.")
    refused(lambda: run("DELETE FROM articles_event"), "An event is never deleted.")

    assert Event.objects.values("action", "comment").get() == {"action": "publish", "comment": ""}


def test_triggers_are_made_once():
    assert immutability.enforce(using="default") == []


def test_lifting_and_enforcing_leave_things_as_they_were(edition):
    immutability.lift(using="default")
    Edition.objects.update(title="Redacted")

    made = immutability.enforce(using="default")

    assert {f"{frozen.table}_no_update" for frozen in immutability.FROZEN} <= set(made)
    assert Edition.objects.get().title == "Redacted"
    refused(lambda: Edition.objects.update(title="Changed"), "An edition never changes.")


def test_trigger_that_says_something_else_is_made_anew(edition):
    name = "articles_edition_no_update"
    immutability.lift(using="default")
    immutability.enforce(using="default")
    on_table = " ON articles_edition" if connection.vendor == "postgresql" else ""
    run(f"DROP TRIGGER {name}{on_table}")
    body = (
        "EXECUTE FUNCTION refuse_change('Not this one.')"
        if connection.vendor == "postgresql"
        else "BEGIN SELECT RAISE(ABORT, 'Not this one.'); END"
    )
    run(f"CREATE TRIGGER {name} BEFORE UPDATE OF number ON articles_edition FOR EACH ROW {body}")

    assert immutability.enforce(using="default") == [name]

    refused(lambda: Edition.objects.update(title="Changed"), "An edition never changes.")


@pytest.mark.django_db(transaction=True)
def test_migration_that_makes_the_table_anew_keeps_rows_and_triggers(edition):
    title = Edition._meta.get_field("title")
    longer = models.CharField(max_length=300)
    longer.set_attributes_from_name("title")
    longer.model = Edition
    operation = migrations.AlterField("edition", "title", longer)

    migrate_signal(pre_migrate, operation)
    with connection.schema_editor() as editor:
        editor.alter_field(Edition, title, longer)
        editor.alter_field(Edition, longer, title)
    Edition.objects.update(teaser="Filled in by a migration.")
    migrate_signal(post_migrate, operation)

    assert Edition.objects.values("title", "teaser").get() == {
        "title": "As it went out",
        "teaser": "Filled in by a migration.",
    }
    refused(lambda: Edition.objects.update(title="Changed"), "An edition never changes.")
    refused(Edition.objects.all().delete, "An edition is never deleted.")
    assert immutability.enforce(using="default") == []


@pytest.mark.django_db(transaction=True)
def test_table_that_was_made_anew_without_our_knowing_gets_its_triggers_back(edition):
    if connection.vendor == "sqlite":
        with connection.schema_editor() as editor:
            editor._remake_table(Edition)
    else:
        run("DROP TRIGGER articles_edition_no_update ON articles_edition")
    assert Edition.objects.update(title="Changed") == 1

    call_command("migrate", verbosity=0)

    refused(lambda: Edition.objects.update(title="Changed again"), "An edition never changes.")


def test_migrations_of_other_apps_leave_the_triggers_alone(edition):
    operation = migrations.RunPython(migrations.RunPython.noop)

    migrate_signal(pre_migrate, operation, app_label="search")

    refused(lambda: Edition.objects.update(title="Changed"), "An edition never changes.")


@pytest.mark.django_db(transaction=True)
def test_flush_does_not_take_editions_along(edition):
    with pytest.raises(Exception, match="couldn't be flushed"):
        call_command("flush", interactive=False, verbosity=0)

    assert Edition.objects.get() == edition
