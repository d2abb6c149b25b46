"""Admin of outcomes."""

from django.contrib import admin
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from ..models import Outcome, Result
from .node import NodeAdmin


@admin.register(Outcome)
class OutcomeAdmin(NodeAdmin):
    list_display = (
        "collapse_column",
        "indented_title",
        "better",
        "kind",
        "unit",
        "n_results",
        "in_use",
        "move_column",
    )
    list_filter = ("kind", "better", "is_active")
    own_fields = (
        ("better", "kind"),
        "unit",
        "important_difference",
        "important_difference_source",
        "comet_domain",
    )

    def get_queryset(self, request):
        counted = Result.objects.filter(outcome=OuterRef("pk")).order_by().values("outcome")
        counted = counted.annotate(n=Count("pk")).values("n")
        return super().get_queryset(request).annotate(count_of_results=Coalesce(Subquery(counted), 0))

    @admin.display(description="results", ordering="count_of_results")
    def n_results(self, outcome):
        return outcome.count_of_results
