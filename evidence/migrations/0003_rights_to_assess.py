"""Who may ask conclusions, rate them and sign: rights of the roles."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

LOOK = ("view",)
WORK = ("add", "change", "delete", "view")
MODELS = ("conclusion", "exclusion", "assessment")

EVERYBODY = {model: tuple(f"{action}_{model}" for action in LOOK) for model in MODELS}
THOSE_WHO_RATE = {model: tuple(f"{action}_{model}" for action in WORK) for model in MODELS}
SIGN = ("sign_assessment",)
ROLES = {
    "writer": EVERYBODY,
    "editor": {**THOSE_WHO_RATE, "assessment": (*THOSE_WHO_RATE["assessment"], *SIGN)},
    "scientific reviewer": {**EVERYBODY, "assessment": (*EVERYBODY["assessment"], *SIGN)},
    "publisher": EVERYBODY,
    "evidence curator": {**THOSE_WHO_RATE, "assessment": (*THOSE_WHO_RATE["assessment"], *SIGN)},
}


def give_rights(apps, schema_editor):
    """Groups that exist already keep their members and get what is missing; others are made."""
    database = schema_editor.connection.alias
    # Rights come into being after all migrations; here they are needed earlier.
    config = apps.get_app_config("evidence")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0, using=database)
    config.models_module = None
    Permission = apps.get_model("auth", "Permission")
    rights = {
        right.codename: right
        for right in Permission.objects.using(database).filter(content_type__app_label="evidence")
    }
    for name, needed in ROLES.items():
        group, _ = apps.get_model("auth", "Group").objects.using(database).get_or_create(name=name)
        group.permissions.add(*(rights[codename] for codenames in needed.values() for codename in codenames))


def take_rights(apps, schema_editor):
    """The groups stay: other apps give them rights too."""
    database = schema_editor.connection.alias
    codenames = {name for needed in ROLES.values() for names in needed.values() for name in names}
    rights = apps.get_model("auth", "Permission").objects.using(database)
    for group in apps.get_model("auth", "Group").objects.using(database).filter(name__in=ROLES):
        group.permissions.remove(
            *rights.filter(content_type__app_label="evidence", codename__in=codenames)
        )


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("evidence", "0002_conclusions"),
    ]

    operations = [migrations.RunPython(give_rights, take_rights)]
