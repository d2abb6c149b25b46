"""The roles of the staff, as groups with the rights that their work needs."""

from django.contrib.auth.management import create_permissions
from django.db import migrations

LOOK = ("view",)
WORK = ("add", "change", "delete", "view")

PAGES = ("category", "edition", "event", "signoff", "tag", "term", "topic", "topicpopulation")
BLOCKS = ("callout", "evidencetable", "figure", "heading", "keyvariables", "richtext")
VOCABULARIES = ("intervention", "outcome", "population", "tool", "tooldomain")
EVIDENCE = (
    "appraisal",
    "arm",
    "domainjudgement",
    "populationshare",
    "report",
    "result",
    "sample",
    "study",
    *VOCABULARIES,
)

EVERYBODY = {**dict.fromkeys(PAGES, LOOK), **dict.fromkeys(EVIDENCE, LOOK)}
WRITER = {
    **EVERYBODY,
    "topic": ("add", "change", "view"),
    "topicpopulation": WORK,
    **dict.fromkeys(BLOCKS, WORK),
    "tag": ("add", "view"),
}
ROLES = {
    "writer": WRITER,
    "editor": {
        **WRITER,
        "topic": (*WORK, "edit"),
        "category": WORK,
        "term": WORK,
        "tag": ("add", "change", "view"),
        "message": ("change", "view"),
    },
    "scientific reviewer": {**EVERYBODY, "topic": ("review", "view")},
    "publisher": {**EVERYBODY, "topic": ("publish", "view"), "message": ("change", "view")},
    "evidence curator": {**EVERYBODY, **dict.fromkeys(EVIDENCE, WORK)},
}
APPS = ("articles", "evidence", "taggit")


def make_roles(apps, schema_editor):
    """Groups that exist already keep their members and get what is missing."""
    database = schema_editor.connection.alias
    for label in APPS:
        # Rights come into being after all migrations; here they are needed earlier.
        config = apps.get_app_config(label)
        config.models_module = True
        create_permissions(config, apps=apps, verbosity=0, using=database)
        config.models_module = None
    Permission = apps.get_model("auth", "Permission")
    rights = {
        (right.content_type.model, right.codename): right
        for right in Permission.objects.using(database)
        .filter(content_type__app_label__in=APPS)
        .select_related("content_type")
    }
    for name, needed in ROLES.items():
        group, _ = apps.get_model("auth", "Group").objects.using(database).get_or_create(name=name)
        group.permissions.add(
            *(rights[model, f"{action}_{model}"] for model, actions in needed.items() for action in actions)
        )


def remove_roles(apps, schema_editor):
    groups = apps.get_model("auth", "Group").objects.using(schema_editor.connection.alias)
    groups.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0002_workflow"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("evidence", "0001_initial"),
        ("taggit", "0006_rename_taggeditem_content_type_object_id_taggit_tagg_content_8fc721_idx"),
    ]

    operations = [migrations.RunPython(make_roles, remove_roles)]
