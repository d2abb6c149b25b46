"""Configuration of the search app; it keeps the text indexes in step with the tables."""

from django.apps import AppConfig
from django.core.checks import register
from django.db.models.signals import post_migrate, pre_migrate


class SearchConfig(AppConfig):
    name = "search"
    verbose_name = "Search"

    def ready(self):
        from .checks import check_text_indexes

        register(check_text_indexes)
        # Why not a migration: Django changes most tables on SQLite by making them anew, and that
        # silently drops the triggers. After every migrate we look, and repair what is missing. The
        # same covers test databases and a table that comes with a later migration.
        pre_migrate.connect(stand_aside, sender=self)
        post_migrate.connect(bring_up_to_date, sender=self)


def stand_aside(*, using, plan, **kwargs):
    from . import upkeep

    upkeep.stand_aside(plan, using=using)


def bring_up_to_date(*, using, **kwargs):
    from . import upkeep

    upkeep.bring_up_to_date(using=using)
