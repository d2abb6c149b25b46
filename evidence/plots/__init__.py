"""Plots as plain values: where to draw what, for templates that draw it beside the same numbers as text."""

from .axis import Axis, Tick
from .forest import Forest, Line, Mark, forest
from .funnel import FEWEST, Dot, Funnel, funnel
from .picture import Picture, Row, picture
from .traffic_light import Light, Lights, TrafficLight, traffic_lights

__all__ = [
    "FEWEST",
    "Axis",
    "Dot",
    "Forest",
    "Funnel",
    "Light",
    "Lights",
    "Line",
    "Mark",
    "Picture",
    "Row",
    "Tick",
    "TrafficLight",
    "forest",
    "funnel",
    "picture",
    "traffic_lights",
]
