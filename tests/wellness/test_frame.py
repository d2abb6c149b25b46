"""The frame around pages: what is drawn once for good depends on nothing but what it names."""

from django.template import engines

from wellness.templatetags import frame


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


def test_fixed_parts_of_what_people_type_take_no_more_room_than_so_many(monkeypatch):
    monkeypatch.setattr(frame, "MOST_FIXED", 2)
    monkeypatch.setattr(frame.FixedPart, "_drawn", {})
    for name in ("one", "two", "three"):
        drawn(name=name, other="")
    assert len(frame.FixedPart._drawn) == 1
    assert drawn(name="three", other="again") == "three, "
