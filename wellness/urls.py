"""Every address of the site; topic pages come last, since their first part is free."""

from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import include, path, re_path

from articles.views import contact, image_file

from . import views
from .api import api
from .sitemaps import SITEMAPS

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.site_search, name="search"),
    path("about/", views.about, name="about"),
    path("contact/", contact, name="contact"),
    path("health/", views.health, name="health"),
    path("api/", views.api_docs, name="api_docs"),
    path("api/", api.urls),
    # Anything else there, line ends included, which a path would not match.
    re_path(r"^api/", views.no_such_data),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
    path("admin/", admin.site.urls),
    path("account/", include("wellness.sign_in.urls")),
    path("", include("evidence.urls")),
    # A web server in front may serve the folder itself. Figures were kept apart before there was a library.
    re_path(r"^media/(?P<name>(images|figures)/[0-9a-f]{32}\.(avif|gif|jpe?g|png|webp))$", image_file),
    path("", include("articles.urls")),
]
handler429 = "wellness.sign_in.pages.too_many_attempts"  # of django-allauth
handler404 = "wellness.views.page_not_found"
handler500 = "wellness.views.server_error"
