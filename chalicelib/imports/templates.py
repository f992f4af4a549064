"""The example rows of the templates that operators fill in: an import passes over exactly these. Pure.

`scripts/import_templates.py` writes the templates. A question of an office may begin with 示例, too.
"""

from chalicelib.imports.readings import Row

EXAMPLE_STEMS = frozenset(
    {"【示例】一年有几个月？", "【示例】下列哪些是季节？", "【示例】二月有三十天。"}
)
EXAMPLE_PEOPLE = frozenset({("示例张三", "11010519491231002X"), ("示例李四", "E12345678")})


def is_example_question(row: Row) -> bool:
    """Whether a row is an example of the template for question banks."""
    return row.cells.get("题干") in EXAMPLE_STEMS


def is_example_person(row: Row) -> bool:
    """Whether a row is an example of the template for rosters."""
    return (row.cells.get("姓名"), row.cells.get("证件号码")) in EXAMPLE_PEOPLE
