"""Words and signs for evidence in templates."""

from django import template

from .. import countries, effects, plots
from ..models import PopulationShare

register = template.Library()


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
    """A number of weeks, minutes or kilograms as people write it: 12, 1.36."""
    return "" if number is None else f"{float(number):g}"


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
