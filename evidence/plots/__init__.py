"""Plots as plain values: where to draw what, for templates that draw it beside the same numbers as text."""

from .axis import Axis, Tick
from .forest import Forest, Line, Mark, forest
from .picture import Picture, Row, picture

__all__ = ["Axis", "Forest", "Line", "Mark", "Picture", "Row", "Tick", "forest", "picture"]
