"""Words and signs for evidence in templates."""

import html
from functools import lru_cache

from django import template
from django.utils.safestring import SafeString

from .. import countries, effects, plots
from ..models import PopulationShare

register = template.Library()


# Much of what stands on a page stands there often, and on the next one too.
escaped = lru_cache(maxsize=4_000)(html.escape)


def markup(form, *values):
    """As `format_html`, of which the care for lazy texts takes most of the time where hundreds are drawn."""
    return SafeString(
        form.format(*[value if isinstance(value, SafeString) else escaped(str(value)) for value in values])
    )


def joined(parts):
    """Markup of many parts in a row."""
    return SafeString("".join(parts))


@register.filter
def country_names(codes):
    """Countries by name: ["NL", "DE"] as “Netherlands, Germany”."""
    return ", ".join(countries.country(code) for code in codes)


@register.filter
def share_words(share):
    """How much of a sample a population makes up, in words."""
    name = share.population.name
    return {
        PopulationShare.Share.ALL: name,
        PopulationShare.Share.MOST: f"Mostly {name[0].lower()}{name[1:]}",
        PopulationShare.Share.PART: f"{name}: some of them, not reported apart",
        PopulationShare.Share.EXCLUDED: f"{name}: excluded from the study",
    }[share.share]


@register.filter
def measure_label(code):
    """The name of an effect measure."""
    return effects.measure(code).label


@register.filter
def derivation_words(code):
    """What an effect was computed from."""
    return effects.DERIVATIONS.get(code, "")


@register.filter
def amount(number):
    """A number of weeks, minutes or units of a dose as people write it: 12, 1.36, 4,000."""
    if number is None:
        return ""
    # The short form of a million would be 1e+06.
    return f"{number:,.0f}" if abs(number) >= 1_000_000 else f"{float(number):,g}"


@register.filter
def people(number):
    """How many people in words: “1 person”, “8,636 people”."""
    return "1 person" if number == 1 else f"{number:,} people"


@register.filter
def is_web_address(text):
    """Whether a text may become a link: never anything but the web."""
    return text.startswith(("https://", "http://"))


@register.simple_tag
def judgement_of(tool, code):
    """What a judgement of a tool is called and drawn as: `words` and `symbol`."""
    return plots.light_of(tool, code)


@register.simple_tag
def interval(estimate, *, low=None, high=None, null=None, low_open=False, high_open=False):
    """An estimate with its interval at places on a scale such as "53.1%"; all but the estimate may be None.

    An open end runs beyond the scale. A drawing only: the numbers stand beside it as text.
    """
    parts = []
    if null:
        parts.append(markup('<line class="zero" x1="{0}" x2="{0}" y1="15%" y2="85%"/>', null))
    if low and high:
        parts.append(markup('<line class="ci" x1="{}" x2="{}" y1="50%" y2="50%"/>', low, high))
        ends = [(low, "M6-4 0 0l6 4")] if low_open else []
        ends += [(high, "M-6-4 0 0l-6 4")] if high_open else []
        parts += [
            markup('<svg x="{}" y="50%" overflow="visible"><path class="ci" d="{}"/></svg>', *end)
            for end in ends
        ]
    return markup(
        '<svg class="minici" aria-hidden="true" focusable="false">'
        '<line class="base" x1="0" x2="100%" y1="50%" y2="50%"/>{}<svg x="{}" y="50%" overflow="visible">'
        '<rect class="pt" x="-4.5" y="-4.5" width="9" height="9"/></svg></svg>',
        joined(parts),
        estimate,
    )
