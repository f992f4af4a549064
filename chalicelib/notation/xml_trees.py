"""XML from outside as a tree, within limits and without definitions. Pure. Only this module imports defusedxml.

Names are without their namespaces: no format that is read here needs them to tell elements apart.
"""

from xml.etree.ElementTree import Element, ParseError, TreeBuilder

MOST_ELEMENTS = 1_000_000  # in one file
MOST_DEPTH = 200
_TOO_COMPLEX = "文件的结构过于复杂"


class XmlRefused(ValueError):
    """The XML is not read; the message tells a person why."""


def parse_xml(data: bytes, most_elements: int = MOST_ELEMENTS) -> Element:
    """The root of an XML file. Raises `XmlRefused`.

    The tags are counted before anything is read. The limits also count while the file is read, so a hostile one is left
    at the first of them.
    """
    import defusedxml
    from defusedxml.ElementTree import DefusedXMLParser

    if data.count(b"<") - data.count(b"</") > most_elements:
        raise XmlRefused(_TOO_COMPLEX)
    parser = DefusedXMLParser(target=_LimitedBuilder(most_elements), forbid_dtd=True)
    try:
        parser.feed(data)
        root: Element = parser.close()
    except defusedxml.DefusedXmlException:
        raise XmlRefused("文件含有不允许的 XML 定义") from None
    except XmlRefused:
        raise
    except (ParseError, ValueError, LookupError):  # an encoding that is not known, or half a file
        raise XmlRefused("不是有效的 XML，或文件已损坏") from None
    return root


class _LimitedBuilder(TreeBuilder):
    """Builds elements without namespaces until there are too many, or they are nested too deep."""

    def __init__(self, most_elements: int) -> None:
        super().__init__()
        self._left = most_elements
        self._depth = 0

    def start(self, tag: str, attrs: dict[str, str]) -> Element:
        """An element begins. Raises `XmlRefused` at a limit."""
        self._left -= 1
        self._depth += 1
        if self._left < 0 or self._depth > MOST_DEPTH:
            raise XmlRefused(_TOO_COMPLEX)
        return super().start(_local(tag), {_local(key): attrs[key] for key in attrs})

    def end(self, tag: str) -> Element:
        """An element ends."""
        self._depth -= 1
        return super().end(_local(tag))


def _local(name: str) -> str:
    return name.rpartition("}")[2]
