"""Excel workbooks, with openpyxl (the extra ``excel``)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final

from .table import Row

_EXACT: Final = 10**15
"""Excel keeps fifteen digits of a number; of a longer one the rest is lost."""


class NoWorkbook(ValueError):
    """A file is no workbook that can be read, or openpyxl is not installed; the message says which."""


def rows_of(data: bytes) -> Iterator[Row]:
    """Return the rows of a workbook's first sheet, as text.

    Formulas stay formulas: a workbook need not have their values.

    Raises:
        NoWorkbook: when it is none.
    """
    try:
        import openpyxl
    except ImportError:
        raise NoWorkbook(
            "Excel workbooks need openpyxl: pip install 'pulumi-whatsapp[excel]', or save it as CSV"
        ) from None
    try:
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # other programs than Excel write wrong ones, which would cut off rows
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            yield number, [_text(value) for value in row]
    except Exception as error:  # what is damaged or encrypted fails anywhere in openpyxl, zipfile, zlib and the XML
        why = " ".join(str(error).split()) or type(error).__name__
        raise NoWorkbook(f"it is no Excel workbook that can be read ({why}); save it anew as .xlsx or CSV") from None


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool) and value == int(value):
        return str(int(value)) if abs(value) < _EXACT else f"{value:E}"
    return str(value)
