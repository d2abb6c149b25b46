"""Each file that a figure or an edition shows becomes an image of the library; roles get their rights to it."""

import hashlib
from collections import defaultdict

from django.contrib.auth.management import create_permissions
from django.core.files.storage import default_storage
from django.db import migrations
from django.utils import timezone

LOOK = ("view",)
WORK = ("add", "change", "view")
ROLES = {
    "writer": WORK,
    "editor": (*WORK, "delete"),
    "scientific reviewer": LOOK,
    "publisher": LOOK,
    "evidence curator": LOOK,
}
NOUNS = ("folder", "image")


def fill_library(apps, schema_editor):
    """Files keep their names, since editions show them; words that all figures of a file share go along."""
    database = schema_editor.connection.alias
    Figure = apps.get_model("articles", "Figure")
    Edition = apps.get_model("articles", "Edition")
    shown = defaultdict(list)  # by name: width, height, text alternative, caption, credit
    columns = ("file", "width", "height", "alt", "caption", "credit")
    for name, *use in Figure.objects.using(database).order_by("pk").values_list(*columns):
        shown[name].append(tuple(use))
    names = defaultdict(set)  # by edition
    for edition in Edition.objects.using(database).order_by("pk").only("content").iterator(chunk_size=50):
        for block in edition.content.get("blocks", ()):
            if block["kind"] == "figure":
                names[edition.pk].add(block["image"])
                if block["image"] not in shown:
                    said = (block["alt"], block["caption"], block["credit"])
                    shown[block["image"]].append((block["width"], block["height"], *said))

    images = {name: _image(apps, database, name, uses) for name, uses in shown.items()}
    for name, image in images.items():
        Figure.objects.using(database).filter(file=name).update(image=image)
    EditionImage = apps.get_model("articles", "EditionImage")
    EditionImage.objects.using(database).bulk_create(
        EditionImage(edition_id=edition, image=images[name])
        for edition, found in names.items()
        for name in sorted(found)
    )


def _image(apps, database, name, uses):
    content = b""
    if default_storage.exists(name):
        with default_storage.open(name) as file:
            content = file.read()
    width, height, *_ = uses[0]
    alts, captions, credits_ = ({use[place] for use in uses} for place in (2, 3, 4))
    alt, caption, credit = (found.pop() if len(found) == 1 else "" for found in (alts, captions, credits_))
    return apps.get_model("articles", "Image").objects.using(database).create(
        title=(alt or caption or name.rsplit("/", 1)[-1])[:120],
        file=name,
        width=width,
        height=height,
        size=len(content),
        digest=hashlib.sha256(content).hexdigest() if content else "",
        alt=alt,
        caption=caption,
        credit=credit,
        added_at=timezone.now(),
    )


def empty_library(apps, schema_editor):
    """Figures show their files themselves again, with the words that they showed."""
    database = schema_editor.connection.alias
    Figure = apps.get_model("articles", "Figure")
    for figure in Figure.objects.using(database).select_related("image").order_by("pk"):
        image = figure.image
        if not figure.is_decorative:
            figure.alt = figure.alt or image.alt or image.title
        figure.caption = figure.caption or image.caption
        figure.credit = figure.credit or image.credit
        # Not by save(), which reads the file for its size.
        Figure.objects.using(database).filter(pk=figure.pk).update(
            file=image.file.name,
            width=image.width,
            height=image.height,
            alt=figure.alt,
            caption=figure.caption,
            credit=figure.credit,
            image=None,
        )
    apps.get_model("articles", "Topic").objects.using(database).update(image=None)
    apps.get_model("articles", "EditionImage").objects.using(database).all().delete()
    apps.get_model("articles", "Rendition").objects.using(database).all().delete()
    apps.get_model("articles", "Image").objects.using(database).all().delete()


def give_rights(apps, schema_editor):
    database = schema_editor.connection.alias
    # Rights come into being after all migrations; here they are needed earlier.
    config = apps.get_app_config("articles")
    config.models_module = True
    create_permissions(config, apps=apps, verbosity=0, using=database)
    config.models_module = None
    for group, right in _rights(apps, database):
        group.permissions.add(right)


def take_rights(apps, schema_editor):
    for group, right in _rights(apps, schema_editor.connection.alias):
        group.permissions.remove(right)


def _rights(apps, database):
    """Each group that there is, with each right that it has to the library."""
    Permission = apps.get_model("auth", "Permission")
    for group in apps.get_model("auth", "Group").objects.using(database).filter(name__in=ROLES):
        codenames = [f"{action}_{noun}" for action in ROLES[group.name] for noun in NOUNS]
        for right in Permission.objects.using(database).filter(
            content_type__app_label="articles", codename__in=codenames
        ):
            yield group, right


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0006_images"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.RunPython(fill_library, empty_library),
        migrations.RunPython(give_rights, take_rights),
    ]
