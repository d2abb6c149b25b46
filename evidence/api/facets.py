"""The numbers beside the filter, by themselves and with the list of studies."""

from collections.abc import Collection

from ninja import Router

from ..browsing import Matches
from ..browsing.counting import Counts
from ..browsing.index import current
from ..changes import asked_at
from .answers import FacetData, Facets, FacetValue, YearCount
from .asking import FilterAsked, asked
from .reading import reads

router = Router(tags=["Studies"])

YEAR = "year"


@reads(
    router,
    "/facets",
    form=FilterAsked,
    answer=Facets,
    example="/api/facets?population=older-adults",
)
def facet_list(request):
    """How many studies each further choice would leave.

    Inside an axis one of the chosen values is enough, so a choice never changes the counts of its own axis.
    """
    index = current(asked_at(request))
    form = asked(FilterAsked(request.GET, vocabulary=index.vocabulary))
    chosen = form.filter()
    matches = Matches(chosen, index=index)
    counts, facets = counted(matches, form.facets or list(index.vocabulary.axes))
    return Facets.model_construct(
        count=counts.total,
        n_results=counts.n_results,
        n_people=counts.n_people,
        unit=chosen.unit,
        withdrawn=matches.n_withdrawn,
        facets=facets,
    )


def counted(matches: Matches, keys: Collection[str]) -> tuple[Counts, list[FacetData]]:
    """The counts on these axes and no other, and the same as facets. No query."""
    counts = matches.counts({key: list(matches.axes[key].by_slug) for key in keys})
    return counts, [_facet(matches, counts, key) for key in keys]


def _facet(matches: Matches, counts: Counts, key: str) -> FacetData:
    axis = matches.chosen.vocabulary.axes[key]
    picked, excluded = matches.chosen.chosen(key), matches.chosen.excluded_on(key)
    # Thousands of values: looking at each of our own again would take most of the time.
    values = [
        FacetValue.model_construct(
            slug=option.slug,
            label=option.label,
            parent=option.parent,
            count=counts.of(key, option.slug),
            is_chosen=option.slug in picked,
            is_excluded=option.slug in excluded,
        )
        for option in axis.options
        if counts.of(key, option.slug) or option.slug in picked or option.slug in excluded
    ]
    years = None
    if key == YEAR:
        years = [YearCount.model_construct(year=year, count=n) for year, n in matches.by_year().items()]
    return FacetData.model_construct(
        key=key, parameter=axis.param, label=axis.label, values=values, years=years
    )
