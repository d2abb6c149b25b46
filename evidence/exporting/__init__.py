"""Studies to take away: CSV for spreadsheets, RIS for reference managers, JSON-LD for machines.

One module for each form. Each file is written study by study, whatever its length.
"""

from .cells import BYTE_ORDER_MARK, safe_cell
from .columns import COLUMNS, RESULT_COLUMNS, STUDY_COLUMNS
from .csv_file import csv_lines
from .json_ld import json_ld
from .loading import address
from .ris import ris_lines, ris_record

__all__ = [
    "BYTE_ORDER_MARK",
    "COLUMNS",
    "RESULT_COLUMNS",
    "STUDY_COLUMNS",
    "address",
    "csv_lines",
    "json_ld",
    "ris_lines",
    "ris_record",
    "safe_cell",
]
