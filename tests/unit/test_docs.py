"""The docs agree with the code: a test fails when something is missing on its page or differs."""

import ast
import enum
import importlib
import json
import pathlib
import pkgutil
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
import yaml

import chalicelib
from chalicelib.accounts.consents import CURRENT, Consent
from chalicelib.accounts.model import Challenge, LinkedSignIn
from chalicelib.attempts import model as attempts
from chalicelib.attempts.texts import VERIFICATIONS
from chalicelib.cases import model as cases
from chalicelib.exams.model import Exam, ExamOrder, Policy, Preflight, RosterEntry
from chalicelib.exams.questions import Bank, Question, Section
from chalicelib.handlers import endpoint
from chalicelib.identity import model as identity
from chalicelib.identity.texts import PICTURES
from chalicelib.imports import drops, packs, photo_zips, readings
from chalicelib.imports.formats import aiken, gift, qti, qti_packages, word_documents, word_lists
from chalicelib.kernel.commands import Audit
from chalicelib.messages.errors import ERRORS
from chalicelib.notation import building, formulas, html_fragments, latex, picture_shelf, xml_trees
from chalicelib.operators import model as operators
from chalicelib.own_records import model as own_records
from chalicelib.results import model as results
from chalicelib.shared import errors, pictures
from chalicelib.shared.settings import Settings
from chalicelib.sheets import model as sheets
from chalicelib.sheets import ods, xlsx_parts, xml_parts
from infra import openapi

ROOT = pathlib.Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]
SOURCES = [ast.parse(file.read_text("utf-8")) for file in (ROOT / "chalicelib").rglob("*.py")]
STORED: list[Any] = [Consent, Challenge, Exam, Preflight, Section, RosterEntry, Bank, Question]
STORED += [identity.Person, identity.Profile, identity.IdPhoto, identity.PhotoUpload]
STORED += [identity.Deletion]
STORED += [identity.FrozenIdentity, attempts.Attempt, attempts.Chances, attempts.Verification]
STORED += [attempts.CheckIn, attempts.Unusable, attempts.Admission, attempts.Waiver, ExamOrder]
STORED += [LinkedSignIn, identity.AuthorityVerdict]
STORED += [
    identity.Reference,
    cases.Case,
    cases.Upload,
    cases.Ruling,
    cases.CaseRegister,
    cases.RegisterEntry,
]
STORED += [attempts.Decision, attempts.Contested, attempts.DecidedComplaint, cases.Notice]

STORED += [operators.OperatorRegister, operators.Operator, operators.Credential, Audit]
STORED += [results.Certificate, results.Edition, results.Content]
STORED += [own_records.OwnRecord, own_records.RecordFile]


def page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def rows(text: str) -> Iterator[list[str]]:
    """The cells of each table row."""
    for line in text.splitlines():
        if line.startswith("|"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def row(text: str, word: str) -> list[str]:
    """The one row that begins with this word."""
    [cells_of_row] = [cells for cells in rows(text) if cells[0] == f"`{word}`"]
    return cells_of_row


def words(text: str) -> set[str]:
    """Everything between backticks."""
    return set(re.findall(r"`([^`\n]+)`", text))


def test_each_route_is_walked_through() -> None:
    documented = words(page("api.md"))
    routes = {f"{entry.method} {entry.path}" for entry in openapi.ROUTES}
    assert not routes - documented


def test_no_route_is_told_that_does_not_exist() -> None:
    documented = {
        word for word in words(page("api.md")) if re.match(r"(GET|POST|PUT|DELETE) /", word)
    }
    assert not documented - {f"{entry.method} {entry.path}" for entry in openapi.ROUTES}


def test_each_setting_has_a_row_with_its_default() -> None:
    text = page("settings.md")
    for field in msgspec.structs.fields(Settings):
        default = "from" if field.required else f"`{field.default}`" if field.default else "empty"
        assert row(text, field.name.upper())[1].startswith(default), field.name


def test_each_policy_field_has_a_row_with_its_default_and_range() -> None:
    text = page("settings.md")
    described = msgspec.inspect.type_info(Policy)
    assert isinstance(described, msgspec.inspect.StructType)
    for field in described.fields:
        _, default, _, span, *_ = row(text, field.name)
        value = field.default.value if isinstance(field.default, enum.Enum) else field.default
        assert default == str(value), field.name
        if isinstance(field.type, msgspec.inspect.IntType | msgspec.inspect.FloatType):
            assert span == f"{field.type.ge}–{field.type.le}", field.name


def test_each_policy_field_is_in_the_glossary() -> None:
    assert not set(Policy.__struct_fields__) - words(page("glossary.md"))


def refusals() -> Iterator[tuple[str, int, set[str]]]:
    """Code, HTTP status and names of details of each refusal in the code."""
    statuses = {kind.__name__: status for kind, status in endpoint._STATUS.items()}
    calls = (node for tree in SOURCES for node in ast.walk(tree) if isinstance(node, ast.Call))
    for call in calls:
        name = call.func.attr if isinstance(call.func, ast.Attribute) else None
        name = call.func.id if isinstance(call.func, ast.Name) else name
        if name in statuses and call.args and isinstance(call.args[0], ast.Constant):
            details = {keyword.arg for keyword in call.keywords if keyword.arg}
            yield call.args[0].value, statuses[name], details - {"retry_after_s"}


def test_each_error_code_has_a_row() -> None:
    for code in ERRORS:
        assert row(page("errors.md"), code)


def test_each_refusal_has_the_status_and_the_details_that_are_told() -> None:
    text = page("errors.md")
    raised = list(refusals())
    assert {code for code, _, _ in raised} == set(ERRORS) - {
        "internal_error",  # whatever nobody expected
        "method_not_allowed",  # the launcher's
    }
    for code, status, details in raised:
        _, told_status, _, _, told_details = row(text, code)
        assert told_status == str(status), code
        assert details <= words(told_details), code


def test_each_kind_of_refusal_has_a_status() -> None:
    assert set(endpoint._STATUS) == set(errors.DomainError.__subclasses__())


def classes() -> Iterator[type]:
    """Every class that a module of `chalicelib` names."""
    for module in pkgutil.walk_packages(chalicelib.__path__, "chalicelib."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type):
                yield value


def enumerations() -> Iterator[type[enum.Enum]]:
    """Every enumeration that a module of `chalicelib` names."""
    for kind in classes():
        if issubclass(kind, enum.Enum):
            yield kind


def drawn_exceptions() -> dict[str, str]:
    """The tree in errors.md: the name of each class after "── ", and the name of its parent."""
    tree = page("errors.md").split("## Exceptions as a tree")[1]
    parents, above = {}, ["Exception"]
    for branch, name in re.findall(r"^(.*── )(\w+)", tree, flags=re.MULTILINE):
        depth = len(branch) // 4
        parents[name] = above[depth - 1]
        above[depth:] = [name]
    return parents


def test_the_tree_of_exceptions_names_each_class_under_its_parent() -> None:
    exceptions = {
        kind.__name__: kind.__bases__[0].__name__
        for kind in classes()
        if issubclass(kind, Exception) and kind.__module__.startswith("chalicelib.")
    }
    builtin = {"ValueError": "Exception", "RuntimeError": "Exception"}
    assert drawn_exceptions() == {**exceptions, **builtin}


def next_steps() -> set[str]:
    """What `next_step` can say: constants given as keyword, or returned by a function of that name."""
    nodes = [node for tree in SOURCES for node in ast.walk(tree)]
    given = [n.value for n in nodes if isinstance(n, ast.keyword) and n.arg == "next_step"]
    named = [n for n in nodes if isinstance(n, ast.FunctionDef) and n.name == "next_step"]
    returned = [r for n in named for r in ast.walk(n) if isinstance(r, ast.Return)]
    inside = [part for node in [*given, *returned] for part in ast.walk(node)]
    return {n.value for n in inside if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def test_each_word_of_a_status_is_in_the_glossary() -> None:
    documented = words(page("glossary.md"))
    for kind in enumerations():
        if kind.__module__.startswith("chalicelib."):
            assert not {str(member.value) for member in kind} - documented, kind
    assert next_steps() >= {"notice", "verification", "admission", "result"}
    assert not next_steps() - {""} - documented
    assert not set(PICTURES) - documented
    assert not set(VERIFICATIONS) - documented
    assert not set(CURRENT) - documented


@pytest.mark.parametrize("kind", STORED, ids=lambda kind: kind.__name__)
def test_each_stored_attribute_is_in_the_data_page(kind: Any) -> None:
    assert not set(kind.__struct_fields__) - words(page("data.md"))


def test_each_table_index_and_prefix_is_in_the_data_page() -> None:
    text = page("data.md")
    template = yaml.safe_load((ROOT / "infra/resources.yaml").read_text("utf-8"))
    for name, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource.get("Type") in {"AWS::DynamoDB::Table", "AWS::S3::Bucket"}:
            assert f"`{name}`" in text
        for index in properties.get("GlobalSecondaryIndexes", []):
            assert f"`{index['IndexName']}`" in text
        for rule in properties.get("LifecycleConfiguration", {}).get("Rules", []):
            assert f"`{rule.get('Prefix', '')}" in text


def requirements() -> Iterator[tuple[str, str]]:
    for file in [*ROOT.glob("requirements*.txt"), *ROOT.glob("infra/*/requirements.txt")]:
        for line in file.read_text("utf-8").splitlines():
            if named := re.match(r"[A-Za-z0-9][A-Za-z0-9._-]*", line):
                yield str(file.relative_to(ROOT)), named[0]
    page_needs = json.loads((ROOT / "web" / "package.json").read_text("utf-8"))
    for kind in ("dependencies", "devDependencies"):
        yield from (("web/package.json", package) for package in page_needs[kind])


def named_by_calls(*functions: str) -> set[str]:
    """The first argument of every call of these functions, where it is written out."""
    calls = (node for tree in SOURCES for node in ast.walk(tree) if isinstance(node, ast.Call))
    first = (
        call.args[0]
        for call in calls
        if call.args and ast.unparse(call.func).rpartition(".")[2] in functions
    )
    return {str(value.value) for value in first if isinstance(value, ast.Constant)}


def test_each_budget_is_in_the_data_page() -> None:
    budgets = named_by_calls("spend_budget", "look_at_budget", "spend_by_address")
    assert {"phone", "stage", "captcha"} <= budgets
    [row_of_budgets] = [cells for cells in rows(page("data.md")) if "budget#<kind>" in cells[0]]
    assert not budgets - {"stage"} - words(row_of_budgets[1])
    assert "stage#codes" in row_of_budgets[1]


def test_each_short_lived_sign_in_is_in_the_data_page() -> None:
    kinds = named_by_calls("put_sign_in")
    assert kinds == {"sign_in", "link"}
    assert all(f"`{kind}#<" in page("data.md") for kind in kinds)


def test_each_requirement_is_explained_under_its_file() -> None:
    sections = re.split(r"^## ", page("dependencies.md"), flags=re.MULTILINE)
    for file, package in requirements():
        [section] = [text for text in sections if f"`{file}`" in text.splitlines()[0]]
        assert package in {cells[0] for cells in rows(section)}, (file, package)


def anchors(file: pathlib.Path) -> set[str]:
    """The anchors of a page's headings, as Git hosts make them."""
    headings = re.findall(r"^#+ (.*)$", file.read_text("utf-8"), flags=re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.strip().lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("file", PAGES, ids=lambda file: str(file.relative_to(ROOT)))
def test_each_link_leads_somewhere(file: pathlib.Path) -> None:
    text = re.sub(r"^```.*?^```", "", file.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        led_to = (file.parent / path).resolve() if path else file
        assert led_to.exists(), target
        if anchor:
            assert anchor in anchors(led_to), target


def limits_of_imports() -> dict[str, list[int]]:
    """The numbers that each row of the limits of imports has, as the code has them."""
    mb, mp = 1024 * 1024, 1_000_000
    pack = [packs.MAX_UNPACKED_BYTES // mb, packs.MAX_FILES]
    html = [html_fragments.MOST_TAGS, html_fragments.MOST_DEPTH]
    in_latex = [formulas.MOST_LATEX, latex.MOST_NESTED]
    mathml = [formulas.MOST_ELEMENTS, formulas.MOST_DEPTH]
    tree = [xml_trees.MOST_ELEMENTS, xml_trees.MOST_DEPTH]
    workbook = [xml_parts.MAX_ELEMENTS, xml_parts.MAX_DEPTH]
    workbook = [sheets.MAX_SHEETS, sheets.MAX_PARTS, sheets.MAX_PICTURES, *workbook]
    word = [word_documents.MOST_BYTES // mb, word_documents.MOST_FILES]
    qti_package = [qti_packages.MOST_BYTES // mb, qti_packages.MOST_FILES]
    qti_package += [qti_packages.MOST_ELEMENTS, xml_trees.MOST_DEPTH, qti.MOST_INCLUDED]
    bank = [picture_shelf.MOST_PICTURES, picture_shelf.MOST_BYTES // mb]
    one = [pictures.MAX_BYTES // mb, pictures.MAX_PIXELS // mp, pictures.MAX_SIDE]
    return {
        "a bank, a roster, `exam.yaml`": [drops.MAX_FILE_BYTES // mb],
        "a pack": pack,
        "the files in `questions/<exam_id>/`, and those in `roster/<exam_id>/`": pack,
        "photos of a roster": [photo_zips.MAX_BYTES // mb, photo_zips.MAX_PHOTOS],
        "a table": [sheets.MAX_ROWS, sheets.MAX_COLUMNS, sheets.MAX_CELLS],
        "a workbook": [xlsx_parts.MAX_UNPACKED_BYTES // mb, *workbook],
        "another format": [sheets.MAX_ROWS],
        "a Word document": [*word, word_documents.MOST_ELEMENTS, xml_trees.MOST_DEPTH],
        "a QTI package": qti_package,
        "Moodle XML, an item of QTI as `.xml`": tree,
        "one question of a text": [word_lists.MOST_LINES, gift.MOST_LINES, gift.MOST_CHARACTERS],
        "a cell, a content": [readings.MAX_TEXT, readings.MOST_WRITTEN],
        "a content": [building.MOST_INLINES, *html],
        "a formula": [*in_latex, *mathml],
        "a picture": one,
        "the pictures of a bank": [*bank, picture_shelf.MOST_PIXELS // mp],
    }


def test_the_limits_of_imports_are_those_of_the_code() -> None:
    text = page("imports.md").partition("## Limits")[2].partition("\n## ")[0]
    _, _, *told = rows(text)
    numbers = {what: re.findall(r"\d[\d,]*", most) for what, most in told}
    in_docs = {what: [int(n.replace(",", "")) for n in found] for what, found in numbers.items()}
    assert in_docs == limits_of_imports()


def test_formats_that_share_a_row_of_limits_have_the_same() -> None:
    assert drops.MAX_PACK_BYTES == packs.MAX_UNPACKED_BYTES
    assert ods.MAX_UNPACKED_BYTES == xlsx_parts.MAX_UNPACKED_BYTES
    assert aiken.MOST_LINES == word_lists.MOST_LINES


def test_decisions_are_numbered_without_a_gap_and_listed_in_the_first() -> None:
    files = sorted((DOCS / "decisions").glob("*.md"))
    assert [int(file.name[:4]) for file in files] == list(range(1, len(files) + 1))
    for file in files[1:]:
        assert f"({file.name})" in files[0].read_text("utf-8")
        assert file.read_text("utf-8").startswith(f"# {file.name[:4]} ")
