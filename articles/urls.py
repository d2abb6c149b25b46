"""Addresses of the pages. The last ones catch every first part, so this file is included last."""

from django.urls import path

from . import views
from .feeds import CategoryFeed, SiteFeed, TopicFeed

app_name = "articles"

urlpatterns = [
    path("explore/", views.topic_list, name="topic_list"),
    path("glossary/", views.term_list, name="term_list"),
    path("preview/<str:token>/", views.shared_preview, name="shared_preview"),
    path("preview/<str:token>/sign-off/", views.shared_preview_sign_off, name="shared_preview_sign_off"),
    path("feeds/", SiteFeed(), name="site_feed"),
    path("feeds/<slug:category>/", CategoryFeed(), name="category_feed"),
    path("feeds/<slug:category>/<slug:topic>/", TopicFeed(), name="topic_feed"),
    path("<slug:category>/", views.category_detail, name="category_detail"),
    path("<slug:category>/<slug:topic>/", views.topic_detail, name="topic_detail"),
    path("<slug:category>/<slug:topic>/cite.bib", views.topic_bibtex, name="topic_bibtex"),
    path("<slug:category>/<slug:topic>/cite.ris", views.topic_ris, name="topic_ris"),
    path("<slug:category>/<slug:topic>/evidence/", views.topic_evidence, name="topic_evidence"),
    path("<slug:category>/<slug:topic>/evidence.json", views.topic_evidence_json, name="topic_evidence_json"),
    path("<slug:category>/<slug:topic>/editions/<int:number>/", views.edition_detail, name="edition_detail"),
]
