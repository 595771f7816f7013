"""Tables in and out: Excel and CSV the way offices write them. No tables of its own in the database."""

from xinzhi.kernel.sheets.reading import read_table
from xinzhi.kernel.sheets.table import Column, Row, RowProblem, Table, TableReport
from xinzhi.kernel.sheets.templates import template_xlsx
from xinzhi.kernel.sheets.writing import XLSX, report_xlsx, write_csv, write_xlsx

__all__ = [
    "XLSX",
    "Column",
    "Row",
    "RowProblem",
    "Table",
    "TableReport",
    "read_table",
    "report_xlsx",
    "template_xlsx",
    "write_csv",
    "write_xlsx",
]
