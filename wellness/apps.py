"""Configuration of the project's own app and of its admin site."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class WellnessConfig(AppConfig):
    name = "wellness"
    default_auto_field = "django.db.models.BigAutoField"


class WellnessAdminConfig(AdminConfig):
    default_site = "wellness.admin.WellnessAdminSite"
