"""Configuration of the articles app; it keeps what was published from ever changing."""

from django.apps import AppConfig


class ArticlesConfig(AppConfig):
    name = "articles"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Topic pages"

    def ready(self):
        from . import changes, immutability  # noqa: F401  importing registers
