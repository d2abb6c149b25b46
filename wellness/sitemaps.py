"""Everything that search engines are told of."""

from django.urls import reverse

from articles.sitemaps import CategorySitemap, EditionSitemap, SiteSitemap
from evidence.models import Study


class PageSitemap(SiteSitemap):
    def items(self):
        return ["home", "about", "articles:topic_list", "articles:term_list", "evidence:study_list"]

    def location(self, name):
        return reverse(name)


class StudySitemap(SiteSitemap):
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
