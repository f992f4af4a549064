"""Workbooks of all formats: the content of a file says which format it has, not its name. Pure."""

import io
import zipfile

from chalicelib.sheets import ods, xls, xlsx
from chalicelib.sheets.model import SheetRefused, Workbook

ENDINGS = (".xlsx", ".xlsm", ".xls", ".et", ".ods")
"""Names of files that are taken for workbooks."""

_WEB_PAGE = (b"<!doctype html", b"<html", b"<table", b"<meta", b"<head", b"<body", b"<?xml")


def is_workbook(name: str) -> bool:
    """Whether the name of a file says that it is a workbook."""
    return name.lower().endswith(ENDINGS)


def read_workbook(data: bytes) -> Workbook:
    """The sheets of a workbook. Raises `SheetRefused`."""
    if data.startswith(xls.OLE):
        return xls.read_xls(data)
    begin = data[:500].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if begin.startswith(_WEB_PAGE):
        raise SheetRefused("文件的内容是网页，不是表格：请用表格软件打开，另存为 xlsx")
    return ods.read_ods(data) if _is_open_document(data) else xlsx.read_xlsx(data)


def _is_open_document(data: bytes) -> bool:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return ods.CONTENT in archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False  # the reader of xlsx says what is wrong
