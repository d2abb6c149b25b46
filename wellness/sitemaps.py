"""Everything that search engines are told of."""

from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from articles.sitemaps import CategorySitemap, EditionSitemap
from evidence.models import Study


class PageSitemap(Sitemap):
    def items(self):
        return ["home", "about", "articles:topic_list", "articles:term_list", "evidence:study_list"]

    def location(self, name):
        return reverse(name)


class StudySitemap(Sitemap):
    limit = 10_000

    def items(self):
        return Study.objects.published().only("slug", "changed_at").order_by("pk")

    def lastmod(self, study):
        return study.changed_at


SITEMAPS = {
    "pages": PageSitemap,
    "categories": CategorySitemap,
    "topics": EditionSitemap,
    "studies": StudySitemap,
}
