"""Plots as plain values: where to draw what, for templates that draw it beside the same numbers as text."""

from .axis import Axis, Tick
from .forest import Forest, Line, Mark, forest
from .funnel import Dot, Funnel, funnel
from .picture import Picture, Row, picture
from .traffic_light import Light, Lights, TrafficLight, light_of, traffic_lights

__all__ = [
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
    "light_of",
    "picture",
    "traffic_lights",
]
