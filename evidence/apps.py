"""Configuration of the evidence app."""

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "evidence"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Evidence"
