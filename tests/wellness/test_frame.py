"""The frame around pages: what is drawn once for good depends on nothing but what it names."""

from django.template import engines


def drawn(**context):
    template = '{% load frame %}{% fixed "test of the frame" name %}{{ name }}, {{ other }}{% endfixed %}'
    return engines["django"].from_string(template).render(context)


def test_fixed_part_is_drawn_once_for_each_of_its_values(settings):
    assert drawn(name="Weights", other="first") == "Weights, first"
    assert drawn(name="Weights", other="second") == "Weights, first"
    assert drawn(name="Walking", other="second") == "Walking, second"

    # Templates change under whoever works on them.
    settings.DEBUG = True
    assert drawn(name="Weights", other="third") == "Weights, third"
