"""Everything that search engines are told of."""

from django.urls import reverse

from articles.sitemaps import CategorySitemap, EditionSitemap, SiteSitemap
from evidence.models import Conclusion, Study


class PageSitemap(SiteSitemap):
    def items(self):
        return [
            "home",
            "about",
            "articles:topic_list",
            "articles:term_list",
            "evidence:study_list",
            "evidence:conclusion_list",
        ]

    def location(self, name):
        return reverse(name)


class StudySitemap(SiteSitemap):
    limit = 10_000

    def items(self):
        return Study.objects.published().only("slug", "changed_at").order_by("pk")

    def lastmod(self, study):
        return study.changed_at


class ConclusionSitemap(SiteSitemap):
    limit = 10_000

    def items(self):
        return Conclusion.objects.only("slug").order_by("pk")


SITEMAPS = {
    "pages": PageSitemap,
    "categories": CategorySitemap,
    "topics": EditionSitemap,
    "studies": StudySitemap,
    "conclusions": ConclusionSitemap,
}
