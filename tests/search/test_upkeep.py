"""The database keeps the index fresh, and a migration brings back what is missing."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, migrations, models
from django.db.models.signals import post_migrate, pre_migrate

import search
from search import upkeep
from search.engines import engine_of
from search.index import TextIndex, registry
from tests.search.models import Recipe

pytestmark = pytest.mark.django_db


def damage():
    """Take away what keeps the index fresh, as the remaking of a table does on SQLite."""
    engine_of(connection).stand_aside(connection, "search_recipe")


def migrate_signal(signal, **kwargs):
    signal.send(
        sender=apps.get_app_config("search"),
        app_config=apps.get_app_config("search"),
        verbosity=0,
        interactive=False,
        using="default",
        apps=apps,
        **kwargs,
    )


def test_index_follows_save(find):
    recipe = Recipe.objects.create(title="Soup")
    assert find("soup ") == ["Soup"]

    recipe.title = "Bread"
    recipe.save()

    assert find("soup ") == []
    assert find("bread ") == ["Bread"]


def test_index_follows_update_of_a_queryset(find):
    Recipe.objects.create(title="Soup", summary="hot")

    Recipe.objects.update(summary="cold")

    assert find("hot ") == []
    assert find("cold ") == ["Soup"]


def test_index_follows_bulk_writes(find):
    recipes = Recipe.objects.bulk_create([Recipe(title="Soup"), Recipe(title="Bread", note="rye")])
    assert find("rye ") == ["Bread"]

    for recipe in recipes:
        recipe.note = "wheat"
    Recipe.objects.bulk_update(recipes, ["note"])
    Recipe.objects.bulk_create(
        [Recipe(pk=recipes[0].pk, title="Stew", note="oats")],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["title", "note"],
    )

    assert find("rye ") == []
    assert find("wheat ") == ["Bread"]
    assert find("oats ") == ["Stew"]
    assert find("soup ") == []


def test_index_follows_delete(find):
    soup = Recipe.objects.create(title="Soup")
    Recipe.objects.create(title="Soup bread")

    soup.delete()
    assert find("soup ") == ["Soup bread"]

    Recipe.objects.all().delete()
    assert find("soup ") == []


def test_index_follows_raw_sql_and_a_changed_key(find):
    recipe = Recipe.objects.create(title="Soup")

    with connection.cursor() as cursor:
        cursor.execute("UPDATE search_recipe SET title = 'Bread', id = id + 1000 WHERE id = %s", [recipe.pk])

    assert find("soup ") == []
    assert [
        found.pk for found in search.filter(Recipe.objects.all(), Recipe.text_index, search.parse("bread"))
    ] == [recipe.pk + 1000]


@pytest.mark.django_db(transaction=True)
def test_index_follows_flush(find):
    Recipe.objects.create(title="Soup")

    call_command("flush", interactive=False, verbosity=0)

    assert find("soup ") == []
    Recipe.objects.create(title="Bread")
    assert find("bread ") == ["Bread"]
    assert upkeep.bring_up_to_date(using="default") == []


def test_index_takes_a_very_long_text(find):
    text = " ".join(f"word{n}" for n in range(300_000))

    Recipe.objects.create(title="Long", summary=text)

    assert find("word9999 ") == ["Long"]


def test_every_registered_index_is_in_place():
    assert upkeep.bring_up_to_date(using="default") == []
    assert engine_of(connection).existing(connection) == {index.table for index in registry.values()}


def test_migrate_rebuilds_what_was_lost(find):
    damage()
    Recipe.objects.create(title="Soup")

    migrate_signal(post_migrate, plan=[])

    assert find("soup ") == ["Soup"]
    Recipe.objects.create(title="Soup bread")
    assert find("bread ") == ["Soup bread"]


def test_migrate_rebuilds_what_is_declared_differently(monkeypatch, find):
    Recipe.objects.create(title="Soup", note="rye")
    narrower = TextIndex(name="recipe", table="search_recipe", columns={"title": "A", "summary": "B"})
    monkeypatch.setitem(registry, "recipe", narrower)

    assert upkeep.bring_up_to_date(using="default") == ["search_recipe"]

    found = search.filter(Recipe.objects.all(), narrower, search.parse("rye"))
    assert list(found) == []
    assert upkeep.bring_up_to_date(using="default") == []


def test_migrate_removes_what_nobody_declares(monkeypatch):
    monkeypatch.delitem(registry, "recipe")

    assert upkeep.bring_up_to_date(using="default") == []

    assert "search_recipe" not in engine_of(connection).existing(connection)
    Recipe.objects.create(title="Soup")


@pytest.mark.parametrize(
    ("table", "columns"), [("not_there_yet", {"title": "A"}), ("django_content_type", {"not_there_yet": "A"})]
)
def test_migrate_leaves_out_what_is_not_there_yet(monkeypatch, table, columns):
    monkeypatch.setitem(registry, "later", TextIndex(name="later", table=table, columns=columns))

    assert upkeep.bring_up_to_date(using="default") == []


def plan_of(operation, app_label="search"):
    migration = migrations.Migration("0002_change", app_label)
    migration.operations = [operation]
    return [(migration, False)]


@pytest.mark.parametrize(
    "operation",
    [
        migrations.AlterField("recipe", "title", models.TextField()),
        migrations.RemoveField("recipe", "summary"),
        migrations.RenameField("recipe", "heading", "title"),
        migrations.RenameModel("Dish", "Recipe"),
        migrations.AlterModelTable("recipe", "recipe"),
        migrations.RunSQL("SELECT 1"),
    ],
)
def test_index_stands_aside_for_a_migration_of_its_columns(operation):
    engine = engine_of(connection)

    migrate_signal(pre_migrate, plan=plan_of(operation))
    assert not engine.is_current(connection, Recipe.text_index)

    migrate_signal(post_migrate, plan=plan_of(operation))
    assert engine.is_current(connection, Recipe.text_index)


@pytest.mark.parametrize(
    ("operation", "app_label"),
    [
        (migrations.AddField("recipe", "colour", models.TextField()), "search"),
        (migrations.RemoveField("recipe", "is_public"), "search"),
        (migrations.RunPython(migrations.RunPython.noop), "search"),
        (migrations.RemoveField("recipe", "title"), "auth"),
    ],
)
def test_index_stays_through_other_migrations(operation, app_label):
    migrate_signal(pre_migrate, plan=plan_of(operation, app_label))

    assert engine_of(connection).is_current(connection, Recipe.text_index)


@pytest.mark.django_db(transaction=True)
def test_searched_column_can_change_its_type_and_go(find):
    title, note = Recipe._meta.get_field("title"), Recipe._meta.get_field("note")
    longer = models.CharField(max_length=300)
    longer.set_attributes_from_name("title")
    longer.model = Recipe
    Recipe.objects.create(title="Soup", note="rye")
    operation = migrations.RemoveField("recipe", "note")

    migrate_signal(pre_migrate, plan=plan_of(operation))
    with connection.schema_editor() as editor:
        editor.alter_field(Recipe, title, longer)
        editor.remove_field(Recipe, note)
        editor.add_field(Recipe, note)
        editor.alter_field(Recipe, longer, title)
    migrate_signal(post_migrate, plan=plan_of(operation))

    assert find("soup ") == ["Soup"]
    assert find("rye ") == []
    assert upkeep.bring_up_to_date(using="default") == []
