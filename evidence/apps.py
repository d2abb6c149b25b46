"""Configuration of the evidence app; it keeps rows that never change, and the log of those that did."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class EvidenceConfig(AppConfig):
    name = "evidence"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Evidence"

    def ready(self):
        # Not in a migration: SQLite changes most tables by making them anew, which silently drops
        # triggers (docs/decisions/0005-immutable-editions.md).
        pre_migrate.connect(stand_aside, sender=self)
        post_migrate.connect(enforce, sender=self)


def stand_aside(*, using, plan, **kwargs):
    from . import changes, immutability

    immutability.stand_aside(plan, using=using)
    changes.stand_aside(plan, using=using)


def enforce(*, using, **kwargs):
    from . import changes, immutability

    immutability.enforce(using=using)
    changes.enforce(using=using)
