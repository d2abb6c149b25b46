"""What search engines are told of: live pages and categories."""

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.utils import timezone

from .models import Category, Edition


class SiteSitemap(Sitemap):
    """A sitemap whose addresses are those that the public uses, whatever host was asked."""

    def get_domain(self, site=None):
        return urlsplit(settings.SITE_URL).netloc

    def get_protocol(self, protocol=None):
        return urlsplit(settings.SITE_URL).scheme


class EditionSitemap(SiteSitemap):
    def items(self):
        return Edition.objects.live(timezone.now()).for_list().a_to_z()

    def lastmod(self, edition):
        return edition.go_live_at


class CategorySitemap(SiteSitemap):
    def items(self):
        return Category.objects.in_menu_order()
