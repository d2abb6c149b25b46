"""Admin of populations."""

from django.contrib import admin
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from ..models import Population, PopulationShare
from .node import NodeAdmin


@admin.register(Population)
class PopulationAdmin(NodeAdmin):
    list_display = ("collapse_column", "indented_title", "axis", "ages", "samples", "in_use", "move_column")
    list_filter = ("axis", "is_active")
    own_fields = ("axis", ("age_min", "age_max"))

    def get_queryset(self, request):
        shares = PopulationShare.objects.filter(population=OuterRef("pk")).order_by().values("population")
        return (
            super()
            .get_queryset(request)
            .annotate(n_samples=Coalesce(Subquery(shares.annotate(n=Count("pk")).values("n")), 0))
        )

    @admin.display(description="years of age")
    def ages(self, population):
        if population.age_min is None and population.age_max is None:
            return ""
        if population.age_max is None:
            return f"{population.age_min} and over"
        if population.age_min is None:
            return f"up to {population.age_max}"
        return f"{population.age_min} to {population.age_max}"

    @admin.display(description="samples", ordering="n_samples")
    def samples(self, population):
        return population.n_samples
