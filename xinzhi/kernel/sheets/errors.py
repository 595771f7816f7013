"""Refusals of files. Each says what was needed, what was found, and what to do."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.errors import Invalid, TooLarge


class SheetRefused(Invalid):
    """The base of all refusals of a file."""

    code = "sheets.refused"


class FileEmpty(SheetRefused):
    code = "sheets.empty"
    sentence = _("The file “%(filename)s” is empty. Please choose the file again.")


class FileTooBig(TooLarge):
    code = "sheets.too_big"
    sentence = _(
        "The file is larger than %(most)s MB. Please remove pictures from the sheet or split it into several files."
    )


class FileUnpacksTooBig(TooLarge):
    code = "sheets.unpacks_too_big"
    sentence = _(
        "Unpacked, this Excel file is far larger than a table can be. "
        "Please copy the filled rows into a new workbook and save it as .xlsx."
    )


class TooManyRows(TooLarge):
    code = "sheets.too_many_rows"
    sentence = _("At most %(most)s rows are read at once. Please split the file.")


class TooManyColumns(TooLarge):
    code = "sheets.too_many_columns"
    sentence = _(
        "At most %(most)s columns are read; cell %(cell)s lies beyond. Please delete what stands there."
    )


class CellTooLong(TooLarge):
    code = "sheets.cell_too_long"
    sentence = _("A cell in row %(row)s holds more than %(most)s characters. Please shorten it.")


class NotATable(SheetRefused):
    code = "sheets.not_a_table"
    sentence = _(
        "An Excel workbook (.xlsx) or a CSV file is needed; “%(filename)s” is %(found)s. "
        "Please open it in Excel or WPS, choose “Save as” and the type .xlsx."
    )


class PasswordProtected(SheetRefused):
    code = "sheets.password_protected"
    sentence = _("“%(filename)s” is protected by a password. Please save it without one and try again.")


class FileBroken(SheetRefused):
    code = "sheets.broken"
    sentence = _(
        "“%(filename)s” cannot be read as a table; it may have been cut off on the way. "
        "Please open it in Excel or WPS, save it again as .xlsx and try again."
    )


class EncodingUnknown(SheetRefused):
    code = "sheets.encoding_unknown"
    sentence = _(
        "The characters of “%(filename)s” cannot be read: neither UTF-8 nor GB18030. "
        "Please save the table as .xlsx and try again."
    )


class SheetNotFound(SheetRefused):
    code = "sheets.sheet_not_found"
    sentence = _("The workbook has no sheet “%(sheet)s”; it has %(found)s.")


class NoHeader(SheetRefused):
    code = "sheets.no_header"
    sentence = _(
        "No heading row was found in the first %(looked)s rows. The first filled row needs the names of the columns."
    )


class ColumnsMissing(SheetRefused):
    code = "sheets.columns_missing"
    sentence = _(
        "These columns are missing: %(missing)s. Found: %(found)s. "
        "Please download the empty form, or give the columns these names."
    )


class ColumnTwice(SheetRefused):
    code = "sheets.column_twice"
    sentence = _("The columns %(cells)s both mean “%(column)s”. Please keep one of them.")
