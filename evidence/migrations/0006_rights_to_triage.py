"""Who may say what a drift could do to a conclusion: those who sign assessments."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

RIGHT = "add_triage"
ROLES = ("editor", "scientific reviewer", "evidence curator")


def give_right(apps, schema_editor):
    """Groups that exist already keep their members and get what is missing; others are made."""
    database = schema_editor.connection.alias
    # Rights come into being after all migrations; here they are needed earlier.
    config = apps.get_app_config("evidence")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0, using=database)
    config.models_module = None
    rights = apps.get_model("auth", "Permission").objects.using(database)
    right = rights.get(content_type__app_label="evidence", codename=RIGHT)
    for name in ROLES:
        group, _ = apps.get_model("auth", "Group").objects.using(database).get_or_create(name=name)
        group.permissions.add(right)


def take_right(apps, schema_editor):
    database = schema_editor.connection.alias
    rights = apps.get_model("auth", "Permission").objects.using(database)
    for group in apps.get_model("auth", "Group").objects.using(database).filter(name__in=ROLES):
        group.permissions.remove(*rights.filter(content_type__app_label="evidence", codename=RIGHT))


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("evidence", "0005_triage"),
    ]

    operations = [migrations.RunPython(give_right, take_right)]
