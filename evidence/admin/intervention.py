"""Admin of interventions."""

from django.contrib import admin
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from ..models import Arm, Intervention
from .node import NodeAdmin


@admin.register(Intervention)
class InterventionAdmin(NodeAdmin):
    list_display = ("collapse_column", "indented_title", "kind", "arms_given", "in_use", "move_column")
    list_filter = ("kind", "is_active")
    own_fields = ("kind",)

    def get_queryset(self, request):
        received = Arm.interventions.through.objects.filter(intervention=OuterRef("pk")).order_by()
        counted = received.values("intervention").annotate(n=Count("pk")).values("n")
        return super().get_queryset(request).annotate(n_arms=Coalesce(Subquery(counted), 0))

    @admin.display(description="arms", ordering="n_arms")
    def arms_given(self, intervention):
        return intervention.n_arms
