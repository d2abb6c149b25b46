"""Configuration of the project's own app and of its admin site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_save


class WellnessConfig(AppConfig):
    name = "wellness"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from articles.models import Edition

        from . import drawing_ahead

        post_save.connect(drawing_ahead.edition_saved, sender=Edition)


class WellnessAdminConfig(AdminConfig):
    default_site = "wellness.admin.WellnessAdminSite"
