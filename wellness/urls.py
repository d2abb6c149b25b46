"""Every address of the site; topic pages come last, since their first part is free."""

from django.conf import settings
from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path, re_path
from django.views.static import serve

from articles.views import contact

from . import views
from .sitemaps import SITEMAPS

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.site_search, name="search"),
    path("about/", views.about, name="about"),
    path("contact/", contact, name="contact"),
    path("health/", views.health, name="health"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
    path("admin/", admin.site.urls),
    path("", include("evidence.urls")),
    # Uploaded figures. A web server in front may serve the folder itself.
    re_path(
        r"^media/(?P<path>figures/[0-9a-f]{32}\.[a-z]{3,4})$", serve, {"document_root": settings.MEDIA_ROOT}
    ),
    path("", include("articles.urls")),
]
handler404 = "wellness.views.page_not_found"
handler500 = "wellness.views.server_error"
