"""Wagtail with a minimal StreamField page of the same article: text, table, findings, references, menu."""

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.serving import WORK, WORKERS, Tree, environment_of, free_port, serve

PACKAGES = ("wagtail", "gunicorn", "psycopg2-binary")
ADDRESS = "/section-1/article/"

FILES = {
    "manage.py": """
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
""",
    "site_wsgi.py": """
import os
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_settings")
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
""",
    "site_settings.py": """
import os
from urllib.parse import parse_qsl, unquote, urlsplit
_url = urlsplit(os.environ["DATABASE_URL"])
SECRET_KEY = "only-for-benchmarks"
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "article", "wagtail.contrib.forms", "wagtail.contrib.redirects", "wagtail.embeds", "wagtail.sites",
    "wagtail.users", "wagtail.snippets", "wagtail.documents", "wagtail.images", "wagtail.search",
    "wagtail.admin", "wagtail", "modelcluster", "taggit", "django.contrib.admin", "django.contrib.auth",
    "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware", "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware", "django.middleware.security.SecurityMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]
if os.environ.get("SITE_CACHE"):
    MIDDLEWARE = ["django.middleware.cache.UpdateCacheMiddleware", *MIDDLEWARE,
                  "django.middleware.cache.FetchFromCacheMiddleware"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
ROOT_URLCONF = "site_urls"
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]},
}]
DATABASES = {"default": {
    "ENGINE": "django.db.backends.postgresql", "NAME": _url.path.lstrip("/"), "USER": _url.username,
    "PASSWORD": _url.password or "",
    "HOST": dict(parse_qsl(_url.query)).get("host") or unquote(_url.hostname or ""), "PORT": _url.port or "",
    "CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True,
}}
USE_TZ = True
STATIC_URL = "/static/"
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
WAGTAIL_SITE_NAME = "Benchmark"
WAGTAILADMIN_BASE_URL = "http://127.0.0.1"
""",
    "site_urls.py": """
from django.urls import include, path
from wagtail import urls
urlpatterns = [path("", include(urls))]
""",
    "article/__init__.py": "",
    "article/migrations/__init__.py": "",
    "article/models.py": """
from wagtail import blocks
from wagtail.fields import StreamField
from wagtail.models import Page


class Finding(blocks.StructBlock):
    name = blocks.CharBlock()
    certainty = blocks.CharBlock()
    sentence = blocks.TextBlock()
    text = blocks.RichTextBlock()
    reasons = blocks.ListBlock(blocks.CharBlock())
    studies = blocks.ListBlock(blocks.ListBlock(blocks.CharBlock()))


class Table(blocks.StructBlock):
    caption = blocks.CharBlock()
    rows = blocks.ListBlock(blocks.ListBlock(blocks.CharBlock()))


class ArticlePage(Page):
    body = StreamField([
        ("heading", blocks.CharBlock()), ("text", blocks.RichTextBlock()), ("table", Table()),
        ("finding", Finding()), ("references", blocks.ListBlock(blocks.TextBlock())),
    ])

    def get_context(self, request, *args, **kwargs):
        context = super().get_context(request, *args, **kwargs)
        context["menu"] = self.get_site().root_page.get_children().live().in_menu()
        context["crumbs"] = self.get_ancestors().live().filter(depth__gt=1)
        return context
""",
    "article/templates/article/article_page.html": """{% load wagtailcore_tags %}<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ page.title }}</title></head><body>
<header><nav><ul>
{% for item in menu %}<li><a href="{% pageurl item %}">{{ item.title }}</a></li>{% endfor %}
</ul></nav></header><nav><ol>
{% for item in crumbs %}<li><a href="{% pageurl item %}">{{ item.title }}</a></li>{% endfor %}
</ol></nav>
<main><h1>{{ page.title }}</h1>
{% for block in page.body %}
{% if block.block_type == "heading" %}<h2>{{ block.value }}</h2>
{% elif block.block_type == "text" %}{{ block.value }}
{% elif block.block_type == "table" %}<table><caption>{{ block.value.caption }}</caption>
{% for row in block.value.rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</table>
{% elif block.block_type == "finding" %}<section><h3>{{ block.value.name }}</h3>
<p><strong>{{ block.value.certainty }}</strong> {{ block.value.sentence }}</p>{{ block.value.text }}
<ul>{% for reason in block.value.reasons %}<li>{{ reason }}</li>{% endfor %}</ul>
<table>{% for study in block.value.studies %}<tr>{% for cell in study %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</table></section>
{% else %}<ol>{% for reference in block.value %}<li>{{ reference }}</li>{% endfor %}</ol>{% endif %}
{% endfor %}</main></body></html>
""",
    "article/management/__init__.py": "",
    "article/management/commands/__init__.py": "",
    "article/management/commands/fill.py": """
import json, sys
from django.core.management.base import BaseCommand
from wagtail.models import Page, Site
from article.models import ArticlePage


class Command(BaseCommand):
    def handle(self, **options):
        home = Site.objects.get(is_default_site=True).root_page
        if ArticlePage.objects.exists():
            return
        sections = [
            home.add_child(instance=Page(title=f"Section {n}", slug=f"section-{n}", show_in_menus=True))
            for n in range(1, 7)
        ]
        page = ArticlePage(title="An article", slug="article", body=json.load(sys.stdin))
        sections[0].add_child(instance=page)
        page.save_revision().publish()
""",
}


def make(url: str, body: list[dict[str, Any]]) -> Path:
    """Write the project, bring its database up to date, and publish the article. Returns its folder."""
    folder = WORK / "wagtail"
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip())
    for command in (("makemigrations", "article"), ("migrate",), ("fill",)):
        program = [environment_of("wagtail", *PACKAGES) / "python", "manage.py", *command, "--verbosity", "0"]
        subprocess.run(  # noqa: S603
            program,
            check=True,
            cwd=folder,
            env=_environment(url),
            input=json.dumps(body) if command == ("fill",) else None,
            text=True,
        )
    return folder


def wagtail(folder: Path, url: str, *, beside: Sequence[Tree] = (), cached: bool = False):
    """The article as Wagtail serves it: each time anew, or `cached` by Django for ten minutes (stale)."""
    port = free_port()
    command = [environment_of("wagtail", *PACKAGES) / "gunicorn", "site_wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", str(WORKERS), "--preload", "--log-level", "warning"]
    return serve(
        "Wagtail, cached" if cached else "Wagtail",
        command,
        port=port,
        path=ADDRESS,
        environment=_environment(url, cached=cached),
        folder=folder,
        beside=beside,
    )


def _environment(url: str, *, cached: bool = False) -> dict[str, str]:
    # This process may have named the settings of our own site.
    own = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    return {
        **own,
        "DJANGO_SETTINGS_MODULE": "site_settings",
        "DATABASE_URL": url,
        "SITE_CACHE": "1" if cached else "",
    }
