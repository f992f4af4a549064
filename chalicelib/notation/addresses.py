"""The addresses of pictures in banks: names of files, pictures inside of their address, and the network. Pure.

Nothing is fetched. An address of the network is refused, whatever files lie beside the bank.
"""

import base64
import binascii
import re
import urllib.parse

_ELSEWHERE = re.compile(
    r"\s*(?:(?:[a-z][a-z0-9+.-]*:)?//|\\\\|www\.|(?:https?|ftp|file|blob|cid):)", re.IGNORECASE
)
_DATA = re.compile(r"\s*data:", re.IGNORECASE)
_DATA_OF_PICTURE = re.compile(r"\s*data:image/[a-z+.-]+;base64,", re.IGNORECASE)
_MOST_SHOWN = 100  # characters of an address in a reason


def refuse_elsewhere(source: str) -> None:
    """Raise `ValueError` for an address of the network, or of another computer."""
    if _ELSEWHERE.match(source):
        raise ValueError(
            f"网上或其他电脑上的图片不会下载：{_shown(source)}。请把图片文件与题库放在一起，只写文件名"
        )


def refuse_no_file(source: str) -> None:
    """Raise `ValueError` for what names no file beside the bank: an address elsewhere, or one with data in it."""
    refuse_elsewhere(source)
    if _DATA.match(source):
        raise ValueError(
            f"这里不读写在地址里的图片：{_shown(source)}。请把图片存成文件，与题库放在一起，只写文件名"
        )


def data_of_uri(source: str) -> bytes | None:
    """The bytes of a picture that is written inside of its address (`data:image/png;base64,…`); None for other ones.

    Raises `ValueError` when it is damaged.
    """
    if not (begin := _DATA_OF_PICTURE.match(source)):
        return None
    try:
        return base64.b64decode(source[begin.end() :], validate=False)
    except (binascii.Error, ValueError):
        raise ValueError("图片的数据已损坏") from None


def file_name(source: str) -> str:
    """The name of the file that an address names: without query and with plain characters instead of `%20`."""
    return urllib.parse.unquote(source.split("?")[0].split("#")[0])


def _shown(source: str) -> str:
    text = source.strip()
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
