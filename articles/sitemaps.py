"""What search engines are told of: live pages and categories."""

from django.contrib.sitemaps import Sitemap
from django.utils import timezone

from .models import Category, Edition


class EditionSitemap(Sitemap):
    def items(self):
        return Edition.objects.live(timezone.now()).for_list().a_to_z()

    def lastmod(self, edition):
        return edition.go_live_at


class CategorySitemap(Sitemap):
    def items(self):
        return Category.objects.in_menu_order()
