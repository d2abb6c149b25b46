"""Lists of words in searched columns: stored so that the engines can read them."""

import json
from typing import Any


class ReadableJSON(json.JSONEncoder):
    """JSON with accents as they are: an index would take `m\\u00e9nisque` for other words."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "ensure_ascii": False})


def is_list_of_texts(value: object) -> bool:
    """Whether a JSON value is what such a column takes."""
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)
