"""Conclusions, each with the assessment in force."""

from django.shortcuts import get_object_or_404
from ninja import Router

from ..conclusions import as_data
from ..keyset import BadCursor, walk
from ..models import Assessment, Conclusion
from .answers import ConclusionData, ConclusionList
from .asking import Nothing, PageAsked, asked, page_of
from .reading import around, bad_cursor, reads, slug_in_path

router = Router(tags=["Conclusions"])


@reads(
    router,
    "/conclusions",
    form=PageAsked,
    answer=ConclusionList,
    example="/api/conclusions?size=10",
)
def conclusion_list(request):
    """All conclusions, each with the assessment in force."""
    form = asked(PageAsked(request.GET))
    try:
        found = walk(Conclusion.objects.order_by("slug"), of="conclusions", **page_of(form))
    except BadCursor as error:
        raise bad_cursor(error) from error
    shown = Conclusion.objects.for_display().filter(pk__in=found.keys).order_by("slug")
    in_force = {
        assessment.conclusion_id: as_data(assessment)
        for assessment in Assessment.objects.in_force().filter(conclusion__in=found.keys)
    }
    return ConclusionList(
        items=[ConclusionData.of(conclusion, in_force.get(conclusion.pk)) for conclusion in shown],
        **around(request, "conclusion_list", found),
    )


@reads(
    router,
    "/conclusions/{slug:slug}",
    form=Nothing,
    answer=ConclusionData,
    example="/api/conclusions/ankle-weights-energy-use",
    can_be=(404,),
)
def conclusion_detail(request, slug: str = slug_in_path("The short name of the conclusion.")):
    """One conclusion with the assessment in force."""
    asked(Nothing(request.GET))
    conclusion = get_object_or_404(Conclusion.objects.for_display(), slug=slug)
    assessment = Assessment.objects.in_force().filter(conclusion=conclusion).first()
    return ConclusionData.of(conclusion, None if assessment is None else as_data(assessment))
