"""Studies to take away: CSV and XLSX for spreadsheets, RIS and BibTeX for reference managers, JSON.

One module for each form. Each is written study by study, whatever its length, and holds exactly what is
filtered. `column` says what a column is; the codebook is made from the same declarations as the files.
"""

from .bibtex import bibtex_entries
from .cells import BYTE_ORDER_MARK, as_written, safe_cell
from .codebook import SECTIONS, codebook_lines
from .columns import RESULT_COLUMNS, RESULT_ROWS, STUDY_ROWS
from .csv_file import result_lines, study_lines
from .json_ld import json_ld
from .loading import address
from .ris import ris_records
from .study_json import json_lines
from .workbook import TooLarge, check_size, write_workbook

__all__ = [
    "BYTE_ORDER_MARK",
    "RESULT_COLUMNS",
    "RESULT_ROWS",
    "SECTIONS",
    "STUDY_ROWS",
    "TooLarge",
    "address",
    "as_written",
    "bibtex_entries",
    "check_size",
    "codebook_lines",
    "json_ld",
    "json_lines",
    "result_lines",
    "ris_records",
    "safe_cell",
    "study_lines",
    "write_workbook",
]
