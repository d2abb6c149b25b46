"""What the list of studies is filtered by, in the words that the public browser uses too."""

from django.contrib import admin

from ..models import Intervention, Outcome, Population, Result
from ..models.appraisal import Level
from ..models.study import Design
from ..trees import branch
from .of_study import by_key


class DesignFilter(admin.SimpleListFilter):
    title = "design"
    parameter_name = "group"

    def lookups(self, request, model_admin):
        return [(str(place), name) for place, (name, _) in enumerate(Design.groups())]

    def queryset(self, request, queryset):
        groups = Design.groups()
        value = self.value()
        if value is None or not value.isdecimal() or int(value) >= len(groups):
            return queryset
        return queryset.designed_as(groups[int(value)][1])


class RiskOfBiasFilter(admin.SimpleListFilter):
    title = "risk of bias"
    parameter_name = "risk"

    def lookups(self, request, model_admin):
        return [*Level.choices, ("none", "Not appraised")]

    def queryset(self, request, queryset):
        if self.value() == "none":
            return queryset.not_appraised()
        if self.value() in Level.values:
            return queryset.at_risk_of_bias([self.value()])
        return queryset


class BranchFilter(admin.SimpleListFilter):
    """Studies with a result below one of the roots of a tree."""

    model = None

    def results(self, branch):
        raise NotImplementedError

    def lookups(self, request, model_admin):
        return [
            (str(node.pk), node.label) for node in self.model.objects.filter(parent=None).order_by("position")
        ]

    def queryset(self, request, queryset):
        node = by_key(self.model, self.value())
        return queryset if node is None else queryset.with_a_result_in(self.results(branch(node)))


class PopulationFilter(BranchFilter):
    title = "population"
    parameter_name = "population"
    model = Population

    def results(self, branch):
        return Result.objects.in_population(branch)


class InterventionFilter(BranchFilter):
    title = "intervention"
    parameter_name = "intervention"
    model = Intervention

    def results(self, branch):
        return Result.objects.of_intervention(branch)


class OutcomeFilter(BranchFilter):
    title = "outcome"
    parameter_name = "outcome"
    model = Outcome

    def results(self, branch):
        return Result.objects.measuring(branch)
