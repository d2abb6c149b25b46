"""Addresses of the studies browser."""

from django.urls import path

from . import views

app_name = "evidence"

urlpatterns = [
    path("studies/", views.study_list, name="study_list"),
    path("studies.csv", views.study_csv, name="study_csv"),
    path("studies.ris", views.study_ris, name="study_ris"),
    path("studies/<slug:slug>/", views.study_detail, name="study_detail"),
    path("populations/<slug:slug>/", views.population_detail, name="population_detail"),
    path("outcomes/<slug:slug>/", views.outcome_detail, name="outcome_detail"),
    path("interventions/<slug:slug>/", views.intervention_detail, name="intervention_detail"),
]
