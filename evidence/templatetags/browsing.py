"""What a list of studies holds many times over, drawn without a template for each."""

from functools import cache, lru_cache

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from .. import effects
from ..browsing.years import HEIGHT
from ..models import Report, Result, Study
from ..models.study import Design
from .evidence import escaped, interval, joined, markup, people

register = template.Library()

_address = cache(reverse)

NOTHING = SafeString("")
SELECTED, CURRENT = SafeString(" selected"), SafeString(' aria-current="page"')
ON = SafeString(' class="on"')
VIEWS = {"list": "List", "map": "Evidence map", "forest": "Forest plot"}
YEAR = "year"
BIBLIOGRAPHY, DESIGNS = dict(Report.Bibliography.choices), dict(Design.choices)


@register.simple_tag
def facet_folds(facets, *, bars, unit, more):
    """Facets (`browsing.facets.Facet`), each a fold with its options and the numbers of `unit`.

    `bars` are the studies by year; `more` is the query string to which an option to open is added.
    """
    more = escaped(more)
    return joined(_fold(facet, bars if facet.key == YEAR else [], unit, more) for facet in facets)


def _fold(facet, bars, unit, more):
    # By hand, as the options: a page has twenty.
    label = escaped(facet.label)
    n_chosen = f'<span class="n">{facet.n_chosen} selected</span>' if facet.n_chosen else ""
    return SafeString(
        f'<details class="facet" id="filter-{facet.key}"{" open" if facet.is_open else ""}>'
        f'<summary><span><span class="vh">Filter by </span>{label}</span>{n_chosen}</summary>\n'
        f'<div class="body"><fieldset><legend class="vh">{label}, with the number of {unit}</legend>\n'
        f"{_search_in(facet) if facet.is_searched else NOTHING}{_year_bars(bars)}"
        f"{_bounds(facet) if facet.bounds else NOTHING}{_options(facet.values, facet, more)}"
        "</fieldset></div></details>\n"
    )


def _search_in(facet):
    return markup(
        '<div class="words"><label class="label" for="find-{0}">Search these {0}s</label>'
        '<input type="search" id="find-{0}" name="find_{0}" value="{1}" maxlength="60" autocomplete="off">'
        "</div>\n",
        facet.param,
        facet.words,
    )


def _bounds(facet):
    """The two fields of a range."""
    labels = ("From year", "To year") if facet.key == YEAR else ("At least", "At most")
    mode = "numeric" if facet.key in (YEAR, "people") else "decimal"
    fields = (
        markup(
            '<div><label class="label" for="{0}">{1}</label><input id="{0}" name="{0}" inputmode="{2}"'
            ' value="{3}"></div>',
            name,
            label,
            mode,
            value,
        )
        for label, (name, value) in zip(labels, facet.bounds, strict=True)
    )
    return markup('<div class="years">{}</div>\n', joined(fields))


def _options(values, facet, more):
    """Options (`browsing.facets.Value`) as checkboxes; what is narrower is folded. `more` is escaped."""
    parts = []
    for value in values:
        field, link = _of_option(facet.key, facet.param, value.slug, value.label, value.chosen)
        if value.excluded:
            parts.append(_excluded(value))
        else:
            zero = "" if value.count else " zero"
            parts.append(f'<label class="opt{zero}{field}{value.count}</span></label>\n')
        if value.is_shut:
            parts.append(f'<a class="narrower more" href="?{more}{link}')
        elif value.below:
            parts.append(_narrower(value, facet, more))
    return joined(parts)


# By hand, since a page has hundreds, which differ from those of the next page in their numbers only.
@lru_cache(maxsize=4_000)
def _of_option(key, param, slug, label, is_chosen):
    """The parts of an option on this axis that no number is in: of its field, and of the link below it."""
    slug, label = escaped(slug), escaped(label)
    checked = " checked" if is_chosen else ""
    return (
        f'"><input type="checkbox" name="{param}" value="{slug}"{checked}>{label}<span class="c">',
        f'open_{param}={slug}#filter-{key}" rel="nofollow">'
        f'Narrower<span class="vh"> than {label}</span></a>\n',
    )


def _excluded(value):
    return markup(
        '<p class="opt zero"><span></span><s>{}</s><span class="c">excluded</span></p>\n', value.label
    )


def _narrower(value, facet, more):
    return markup(
        '<details class="narrower"{}><summary aria-label="Narrower than {}">Narrower</summary>\n'
        "{}</details>\n",
        " open" if value.is_open else "",
        value.label,
        _options(value.below, facet, more),
    )


def _year_bars(bars):
    """Studies by year (`browsing.years.Bar`), each bar a link that filters; nothing without bars."""
    if not bars:
        return NOTHING
    drawn = "".join(
        f'<a href="?{escaped(bar.query)}" aria-label="{bar.label}: {bar.n}'
        f' stud{"y" if bar.n == 1 else "ies"}"{ON if bar.is_chosen else ""}>'
        f'<rect x="{place}1" y="0" width="8" height="{HEIGHT}" fill="transparent"/>'
        f'<rect x="{place}1" y="{bar.y}" width="8" height="{bar.tall}"/></a>'
        for place, bar in enumerate(bars)
    )
    return SafeString(
        f'<svg class="bars" viewBox="0 0 {len(bars)}0 {HEIGHT}" preserveAspectRatio="none" role="group"'
        f' aria-label="Studies by year">{drawn}</svg>'
    )


@register.simple_tag
def study_views(current, query):
    """The same studies seen in another way: `current` is list, map or forest, `query` what is chosen."""
    links = [
        markup(
            '<a href="{}{}"{}>{}</a>',
            _address(f"evidence:study_{view}"),
            f"?{query}" if query else "",
            CURRENT if view == current else "",
            words,
        )
        for view, words in VIEWS.items()
    ]
    return markup('<nav class="views" aria-label="View">{}</nav>', SafeString("\n".join(links)))


@register.simple_tag
def chip_links(chips, url):
    """What is on (`browsing.Chip`), each a link that takes it away, most beside one that turns it round."""
    return joined(_chip(chip, url) for chip in chips)


def _chip(chip, url):
    link = markup(
        '<a class="x" href="{}{}"><span><span class="vh">Remove filter </span>{}</span></a>',
        url,
        f"?{chip.query}" if chip.query else "",
        chip.label,
    )
    if chip.instead is None:
        return link
    words = (
        markup('include<span class="vh"> instead of “{}”</span>', chip.label)
        if chip.is_excluded
        else markup('exclude<span class="vh"> {} instead</span>', chip.label)
    )
    return link + markup('<a href="{}?{}">{}</a>', url, chip.instead, words)


@register.simple_tag
def hidden_fields(pairs, but=""):
    """Parameters of an address that a form sends along, without those of one name."""
    return joined(
        markup('<input type="hidden" name="{}" value="{}">', name, value)
        for name, value in pairs
        if name != but
    )


@register.simple_tag
def choices(pairs, chosen):
    """What a select offers, as pairs of value and words, with the one that is chosen."""
    return joined(
        markup('<option value="{}"{}>{}</option>', value, SELECTED if value == chosen else "", words)
        for value, words in pairs
    )


@register.simple_tag
def links(places, query):
    """Places as pairs of an address and words, each with this query string: “A, B or C”."""
    *most, last = [markup('<a href="{}{}" rel="nofollow">{}</a>', url, query, said) for url, said in places]
    return SafeString(f"{', '.join(most)} or {last}")


@register.simple_tag
def study_items(rows):
    """Studies (`browsing.StudyRow`) as items of a list."""
    studies = _address("evidence:study_list")
    return joined(_study(row, studies) for row in rows)


def _study(row, studies):
    study = row.study
    is_retracted = study.integrity == Study.Integrity.RETRACTED or row.since == "Retracted since"
    # A label is ours, whatever language the report is in.
    has_language = study.title and row.report is not None and row.report.language != "en"
    return markup(
        '<li class="study{}">\n<div>\n<h3><a href="{}{}/"{}>{}</a></h3>\n<p class="meta">{}</p>\n{}{}</div>\n'
        '<div class="mini">{}</div>\n</li>\n',
        " retracted" if is_retracted else "",
        studies,
        study.slug,
        markup(' lang="{}"', row.report.language) if has_language else "",
        study.name,
        _about(row),
        markup('<p class="found">{}</p>\n', row.finding) if row.finding else "",
        markup('<p class="who"><strong>Who:</strong> {}</p>\n', row.who) if row.who else "",
        _measured(row),
    )


def _about(row):
    """What a study is, as tags and words side by side."""
    study, report = row.study, row.report
    marks = []
    if study.integrity == Study.Integrity.RETRACTED:
        marks.append(("tag retracted", "Retracted"))
    elif study.integrity == Study.Integrity.CONCERN:
        marks.append(("tag retracted", "Expression of concern"))
    if row.since:
        marks.append(("tag retracted", row.since))
    is_protocol = study.design == Design.PROTOCOL
    marks.append(("tag", "Protocol" if is_protocol else DESIGNS.get(study.design, study.design)))
    words = [
        "Year not reported" if study.year is None else study.year,
        "Number of people not reported" if study.n_people is None else people(study.n_people),
    ]
    if row.length:
        words.append(row.length)
    parts = [markup('<span class="{}">{}</span>', *mark) for mark in marks]
    parts += [markup("<span>{}</span>", word) for word in words]
    if report is not None and report.bibliography != Report.Bibliography.VERIFIED:
        words = BIBLIOGRAPHY.get(report.bibliography, report.bibliography)
        parts.append(markup('<span class="tag unverified">{}</span>', words))
    return joined(parts)


def _measured(row):
    """What the result of a row measured and found."""
    result = row.result
    if result is None:
        return SafeString("<p>No result entered yet</p>")
    if not row.number:
        is_planned = result.state == Result.State.PLANNED
        why = "planned, no result yet" if is_planned else "no number seen in the source"
        return markup("<p>{}: {}</p>{}", result.outcome.label, why, _drawing(row))
    return markup(
        '<p>{}</p>{}<p class="nums">{}</p><p class="small">{}{}</p>',
        result.outcome.label,
        _drawing(row),
        row.number,
        effects.measure(result.measure).label,
        ", before and after, no comparison group" if result.is_before_after else "",
    )


def _drawing(row):
    places = row.places
    if places is None:
        return NOTHING
    return interval(places.x_estimate, low=places.x_low, high=places.x_high, null=places.x_null)
