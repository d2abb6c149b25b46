"""Pages described for machines in the words of schema.org."""

import json
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localtime

from .models import Edition

_ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


def script(data: dict[str, Any]) -> SafeString:
    """Data for a script element of type application/ld+json: JSON in which nothing can end the element."""
    return mark_safe(json.dumps(data, ensure_ascii=False).translate(_ESCAPES))  # noqa: S308


def web_page(edition: Edition, history: list[Edition]) -> SafeString:
    """The page of a topic as MedicalWebPage. A review is claimed only once one is recorded."""
    page = edition.page
    first = min((old.go_live_at for old in history), default=edition.go_live_at)
    return script(
        {
            "@context": "https://schema.org",
            "@type": ["Article", "MedicalWebPage"],
            "headline": edition.title,
            "description": page["description"],
            "inLanguage": "en-GB",
            "url": f"{settings.SITE_URL}{edition.get_absolute_url()}",
            "version": str(edition.number),
            "datePublished": localtime(first).date().isoformat(),
            "dateModified": edition.went_live_on.isoformat(),
            "keywords": page["tags"],
            "articleSection": page["category"]["name"],
            "isAccessibleForFree": True,
            **({"image": f"{settings.SITE_URL}{page['image']['url']}"} if page.get("image") else {}),
            "publisher": {
                "@type": "Organization",
                "name": settings.SITE_NAME,
                "url": f"{settings.SITE_URL}/",
            },
            "citation": [
                {
                    "@type": "ScholarlyArticle",
                    "name": citation["name"],
                    **({"datePublished": str(citation["year"])} if citation["year"] else {}),
                    **({"sameAs": f"https://doi.org/{citation['doi']}"} if citation["doi"] else {}),
                }
                for citation in page["citations"]
            ],
        }
    )
