"""Addresses of the studies browser."""

from django.urls import path

from . import views

app_name = "evidence"

urlpatterns = [
    path("studies/", views.study_list, name="study_list"),
    path("studies.csv", views.study_csv, name="study_csv"),
    path("study-rows.csv", views.study_rows_csv, name="study_rows_csv"),
    path("studies.xlsx", views.study_xlsx, name="study_xlsx"),
    path("studies.json", views.study_json, name="study_json"),
    path("studies.ris", views.study_ris, name="study_ris"),
    path("studies.bib", views.study_bibtex, name="study_bibtex"),
    path("studies.atom", views.study_feed, name="study_feed"),
    path("studies/map/", views.study_map, name="study_map"),
    path("studies/map.csv", views.study_map_csv, name="study_map_csv"),
    path("studies/map.svg", views.study_map_svg, name="study_map_svg"),
    path("studies/codebook/", views.codebook, name="codebook"),
    path("studies/codebook.csv", views.codebook_csv, name="codebook_csv"),
    path("studies/forest/", views.study_forest, name="study_forest"),
    path("studies/forest/forest.svg", views.study_forest_svg, name="study_forest_svg"),
    path("studies/forest/directions.svg", views.study_directions_svg, name="study_directions_svg"),
    path("studies/forest/funnel.svg", views.study_funnel_svg, name="study_funnel_svg"),
    path("studies/forest/results.csv", views.study_forest_csv, name="study_forest_csv"),
    path("studies/forest/reproduce.zip", views.study_forest_zip, name="study_forest_zip"),
    path("studies/<slug:slug>/", views.study_detail, name="study_detail"),
    path("conclusions/", views.conclusion_list, name="conclusion_list"),
    path("conclusions/<slug:slug>.json", views.conclusion_json, name="conclusion_json"),
    path("conclusions/<slug:slug>/", views.conclusion_detail, name="conclusion_detail"),
    path("conclusions/<slug:slug>/forest.svg", views.conclusion_forest, name="conclusion_forest"),
    path("conclusions/<slug:slug>/directions.svg", views.conclusion_directions, name="conclusion_directions"),
    path("conclusions/<slug:slug>/funnel.svg", views.conclusion_funnel, name="conclusion_funnel"),
    path("conclusions/<slug:slug>/results.csv", views.conclusion_csv, name="conclusion_csv"),
    path("conclusions/<slug:slug>/reproduce.zip", views.conclusion_reproduce, name="conclusion_reproduce"),
    path(
        "conclusions/<slug:slug>/assessments/<int:number>/", views.assessment_detail, name="assessment_detail"
    ),
    path("populations/<slug:slug>/", views.population_detail, name="population_detail"),
    path("outcomes/<slug:slug>/", views.outcome_detail, name="outcome_detail"),
    path("interventions/<slug:slug>/", views.intervention_detail, name="intervention_detail"),
]
