"""The terms that studies are sorted by: populations, outcomes and interventions."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ..browsing import Filter, Matches, count, study_rows
from ..browsing.index import current
from ..changes import asked_at
from ..models import Intervention, Outcome, Population

N_NEWEST = 5


@require_safe
def population_detail(request, slug):
    return _node_detail(request, Population, slug)


@require_safe
def outcome_detail(request, slug):
    return _node_detail(request, Outcome, slug)


@require_safe
def intervention_detail(request, slug):
    return _node_detail(request, Intervention, slug)


def _node_detail(request, model, slug):
    node = get_object_or_404(model.objects.select_related("replaced_by"), slug=slug)
    name = model._meta.model_name
    index = current(asked_at(request))
    axis = index.vocabulary.axis_of_node(node)
    nothing = Filter(index.vocabulary)
    shown = {axis.key: [node.slug, *(option.slug for option in axis.below(node.slug))]}
    everything = count(nothing, index=index, options=shown)
    chosen = nothing.choosing(axis.key, node.slug)
    studies = reverse("evidence:study_list")

    def address(option):
        return reverse(f"evidence:{name}_detail", args=[option.slug])

    above = [axis.by_slug[step] for step in reversed(axis.path(node.slug)[1:])]
    narrower = [
        (option.label, address(option), everything.of(axis.key, option.slug))
        for option in axis.below(node.slug)
        if option.is_active or everything.of(axis.key, option.slug)
    ]
    newest = chosen.apply().newest_first()
    return render(
        request,
        f"evidence/{name}_detail.html",
        {
            "crumbs": [
                ("Home", "/"),
                ("Studies", studies),
                *((option.label, address(option)) for option in above),
                (node.label, None),
            ],
            "node": node,
            "axis": axis,
            "n_studies": everything.of(axis.key, node.slug),
            "narrower": narrower,
            "rows": study_rows(newest.values_list("pk", flat=True)[:N_NEWEST], Matches(chosen, index=index)),
            "browser": f"{studies}?{chosen.as_query()}",
        },
    )
