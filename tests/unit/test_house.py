"""The order of the rooms: who may import whom, what is loaded when, and that lists agree with the code."""

import ast
import functools
import importlib
import json
import pathlib
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import get_args

import pytest

import app
from chalicelib.attempts.model import Cause, CheckReason, CheckState
from chalicelib.attempts.texts import CAUSES, VERIFICATIONS, verification_message
from chalicelib.cases.model import CaseState
from chalicelib.cases.texts import COMPLAINTS, TICKETS
from chalicelib.handlers.endpoint import ROUTES, Role
from chalicelib.identity.texts import PICTURES
from chalicelib.messages.errors import ERRORS, GENERAL, TABLES, error_message
from chalicelib.proctoring.model import IntegrityRule, IntegrityState, Verdict
from chalicelib.proctoring.texts import FRAMES, REASONS
from chalicelib.shared.pictures import PictureReason
from infra import openapi
from tests.cloud import ROOT

CODE = ROOT / "chalicelib"
FILES = sorted(CODE.rglob("*.py"))

# Each room and the rooms it may know, which are of lower floors (design: shared → kernel, faces, notices, accounts →
# identity, exams → … → handlers). A floor never knows itself sideways unless it says so here.
MAY_KNOW: dict[str, set[str]] = {
    "shared": set(),
    "kernel": {"shared"},
    "faces": {"shared"},
    "notices": {"shared"},
    "accounts": {"shared", "kernel", "notices"},
    "operators": {"shared", "kernel"},
    "identity": {"shared", "kernel", "faces", "accounts"},
    "exams": {"shared", "kernel", "notices", "accounts"},
    "proctoring": {"shared", "kernel", "accounts", "identity", "exams"},
    "attempts": {"shared", "kernel", "accounts", "identity", "exams", "proctoring"},
    "timeline": {"shared", "exams", "proctoring", "attempts"},
    "cases": {
        *("shared", "kernel", "notices", "accounts", "identity", "exams", "proctoring"),
        *("attempts", "timeline"),
    },
    "series": {"shared", "kernel", "identity", "exams", "attempts", "cases"},
    "results": {"shared", "kernel", "accounts", "identity", "exams", "proctoring", "attempts"},
    "sheets": {"shared", "exams"},
    "statistics": {
        *("shared", "accounts", "identity", "exams", "proctoring", "attempts", "results"),
        "sheets",
    },
    "day_reports": {
        *("shared", "kernel", "exams", "proctoring", "attempts", "timeline", "cases", "results"),
    },
    "score_lists": {
        *("shared", "kernel", "identity", "exams", "proctoring", "attempts", "cases", "series"),
        *("results", "sheets"),
    },
    "partners": {"shared", "kernel", "accounts", "results"},
    "own_records": {
        *("shared", "kernel", "accounts", "identity", "exams", "attempts", "timeline", "cases"),
        "results",
    },
    "deletion": {
        *("shared", "kernel", "identity", "exams", "attempts", "cases", "results"),
        "own_records",
    },
    "finding": {
        *("shared", "accounts", "operators", "identity", "attempts", "cases", "results"),
    },
    "messages": {
        *("accounts", "operators", "identity", "exams", "attempts", "cases", "results", "partners"),
        *("shared", "statistics", "series", "finding", "score_lists", "own_records"),
        "day_reports",
    },
    "views": {
        *("shared", "kernel", "identity", "exams", "proctoring", "attempts", "cases", "results"),
        *("series", "own_records"),
    },
    "notation": {"shared", "exams"},
    "imports": {
        *("shared", "kernel", "accounts", "identity", "exams", "sheets", "notation", "attempts"),
        "messages",
    },
    "preview": {"shared", "exams", "imports"},
    "desk": {
        *("kernel", "messages"),
        *("shared", "accounts", "identity", "exams", "proctoring", "attempts", "cases"),
        *("results", "deletion", "operators", "timeline", "preview", "statistics", "finding"),
        *("score_lists", "day_reports"),
    },
    "handlers": {
        *("kernel", "messages", "views", "desk", "imports"),
        *("shared", "accounts", "identity", "exams", "proctoring", "attempts", "cases"),
        *("results", "partners", "deletion", "operators", "timeline", "series", "own_records"),
        "day_reports",
    },
}
# A room's store is its own. These four know another's, because the two share the thing that is stored:
MAY_KNOW_STORE = {
    ("identity.store", "accounts.store"),  # one account item, written under one version
    ("handlers.uploads", "identity.store"),  # an upload event speaks in keys of S3,
    ("handlers.uploads", "attempts.store"),
    ("handlers.uploads", "cases.store"),
}
# Who may import a package from outside that would cost everybody, or tie the code to somebody.
ONLY: dict[str, set[str]] = {
    "chalice": {"handlers"},
    "boto3": {"shared.clients"},
    "botocore": {
        *("shared.table", "shared.objects", "shared.macs", "notices.sns"),
        *("shared.aws.account", "shared.aws.signing", "shared.aws.sending", "shared.aws.calls"),
        "shared.clients",
    },
    "dlib": {"faces"},
    "numpy": {"faces"},
    "face_recognition": {"faces"},
    "face_recognition_models": {"faces"},
    "PIL": {"shared.pictures", "faces"},
    "captcha": {"accounts.service", "accounts.spoken"},
    "phonenumbers": {"accounts.model"},
    "stdnum": {"identity.documents"},
    "cryptography": {"shared.sealed", "results.signing"},
    "asn1crypto": {"results.signing"},
    "fontTools": {"results.fonts"},
    "pyhanko": {"results.signing"},
    "pyhanko_certvalidator": {"results.signing"},
    "reportlab": {"results.document", "results.ornaments", "day_reports.document"},
    "segno": {"results.document", "desk.parts"},
    "pyotp": {"operators.codes"},
    "joserfc": {"accounts.providers"},
    "urllib3": {"shared.http", "shared.aws.sending"},
    "yaml": {"imports.headers"},
    "openpyxl": {"sheets.writing"},
    "latex2mathml": {"notation.formulas"},
    "defusedxml": {"notation.xml_trees"},
    "xlrd": {"sheets.xls"},
    "hmac": {"shared.hmacs", "shared.secrets", "notices.aliyun", "notices.tencent"},
}
# Imported inside the function that needs it: a cold start of the API pays for none of them.
INSIDE_FUNCTIONS = set(ONLY) - {"chalice", "botocore", "hmac"}
NOT_FOR_THE_API = ("dlib", "numpy", "PIL", "openpyxl", "xlrd", "face_recognition_models")
NOT_FOR_THE_API += ("latex2mathml", "defusedxml")
NOT_FOR_THE_API += ("reportlab", "pyhanko", "fontTools", "segno", "asn1crypto", "joserfc", "pyotp")


def module_name(file: pathlib.Path) -> str:
    """`attempts/model.py` as `attempts.model`."""
    return ".".join(file.relative_to(CODE).with_suffix("").parts).removesuffix(".__init__")


@functools.cache
def tree(file: pathlib.Path) -> ast.Module:
    return ast.parse(file.read_text("utf-8"))


def imports(node: ast.AST) -> Iterator[str]:
    """Every module (or name in it) that is imported anywhere below, but not for types alone."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING":
            continue
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports are absolute"
            yield from (f"{child.module}.{alias.name}" for alias in child.names)
        else:
            yield from imports(child)


def at_the_top(file: pathlib.Path) -> set[str]:
    """Packages that importing the file loads."""
    top = (node for node in tree(file).body if not isinstance(node, ast.FunctionDef | ast.ClassDef))
    return {name.partition(".")[0] for name in imports(ast.Module(list(top), []))}


def known_rooms(file: pathlib.Path) -> Iterator[tuple[str, str]]:
    """(room, module or "") for each import of ours."""
    for name in imports(tree(file)):
        if name.startswith("chalicelib."):
            parts = name.split(".")
            module = ".".join(parts[1:3])
            is_module = (CODE / "/".join(parts[1:3])).with_suffix(".py").exists()
            yield parts[1], module if is_module else ""


def test_handlers_only_translate_and_no_room_outgrows_the_others() -> None:
    lines: dict[str, int] = {}
    for file in FILES:
        room = module_name(file).partition(".")[0]
        lines[room] = lines.get(room, 0) + len(file.read_text("utf-8").splitlines())
    assert lines["handlers"] < 2700
    for room, number in lines.items():
        assert number <= sum(lines.values()) / 5, f"{room} has {number} lines"


def test_there_is_a_rule_for_every_room() -> None:
    rooms = {path.parent.name for path in CODE.glob("*/__init__.py")}
    assert rooms == set(MAY_KNOW)


def test_no_room_holds_more_than_a_fifth_of_the_lines() -> None:
    lines: Counter[str] = Counter()
    for file in FILES:
        lines[module_name(file).partition(".")[0]] += len(file.read_text("utf-8").splitlines())
    assert [room for room, count in lines.items() if count * 5 > lines.total()] == []


def test_no_room_knows_itself_through_others() -> None:
    order = list(MAY_KNOW)
    for room, known in MAY_KNOW.items():
        assert all(order.index(other) < order.index(room) for other in known), room


@pytest.mark.parametrize("file", FILES, ids=module_name)
def test_rooms_know_only_rooms_of_lower_floors(file: pathlib.Path) -> None:
    room = module_name(file).partition(".")[0]
    known = {other for other, _ in known_rooms(file)} - {room}
    assert known <= MAY_KNOW.get(room, set())


@pytest.mark.parametrize("file", FILES, ids=module_name)
def test_a_rooms_store_is_its_own(file: pathlib.Path) -> None:
    here = module_name(file)
    room = here.partition(".")[0]
    for other, module in known_rooms(file):
        if other != room and module.endswith(".store"):
            assert (here, module) in MAY_KNOW_STORE
        if other == room and module == f"{room}.service":
            assert room == "handlers", "a model or store never asks its own service"


def claims_to_be_pure(file: pathlib.Path) -> bool:
    """Whether the docstring of a module says "Pure.": its functions read and change nothing but their arguments."""
    return "Pure." in (ast.get_docstring(tree(file)) or "")


PURE = {module_name(file): file for file in FILES if claims_to_be_pure(file)}
# Pure modules know the length of a minute; `IMPURE_CALLS` keeps them from reading the clock.
PURE_MAY_KNOW = {*PURE, "shared.clock"}
IMPURE_PACKAGES = {
    *("boto3", "botocore", "chalice", "logging", "os", "random", "secrets", "shutil", "socket"),
    *("subprocess", "tempfile", "threading", "time", "urllib.request", "urllib3", "uuid"),
}
# Names of functions, whatever module they come from, and of methods of dates and paths.
IMPURE_CALLS = {"input", "now_ms", "open", "print", "set_offset_ms"}
IMPURE_METHODS = {
    *("now", "now_ms", "set_offset_ms", "today", "urandom", "utcnow"),
    *("read_bytes", "read_text", "write_bytes", "write_text"),
}


def impurities(module: ast.Module) -> Iterator[str]:
    """Everything in a module by which it would know more than its arguments: imports and calls."""
    for name in imports(module):
        if name.startswith("chalicelib."):
            parts = name.split(".")[1:]
            known = {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
            if not known & PURE_MAY_KNOW:
                yield f"imports {name}"
        elif any(name == package or name.startswith(f"{package}.") for package in IMPURE_PACKAGES):
            yield f"imports {name}"
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            called, _, attribute = ast.unparse(node.func).rpartition(".")
            if attribute in (IMPURE_METHODS if called else IMPURE_CALLS):
                yield f"calls {ast.unparse(node.func)}"


@pytest.mark.parametrize("name", PURE)
def test_what_says_that_it_is_pure_is_pure(name: str) -> None:
    """A pure module knows other pure modules and the length of a minute: no store, service, clock or cloud."""
    assert sorted(set(impurities(tree(PURE[name])))) == []


def test_every_model_says_that_it_is_pure() -> None:
    models = {module_name(file) for file in FILES if file.stem == "model"}
    assert models - set(PURE) == set()


@pytest.mark.parametrize(
    ("code", "impurity"),
    [
        ("from chalicelib.exams import store", "imports chalicelib.exams.store"),
        ("from chalicelib.shared.table import get", "imports chalicelib.shared.table.get"),
        ("import random", "imports random"),
        ("from os import path", "imports os.path"),
        ("def rule():\n    import boto3", "imports boto3"),
        ("clock.now_ms()", "calls clock.now_ms"),
        ("datetime.datetime.now(CHINA)", "calls datetime.datetime.now"),
        ("open('a')", "calls open"),
        ("Path('a').read_text()", "calls Path('a').read_text"),
    ],
)
def test_what_is_not_pure_is_found(code: str, impurity: str) -> None:
    assert list(impurities(ast.parse(code))) == [impurity]


def test_pure_modules_may_know_rules_constants_and_errors() -> None:
    code = """
from chalicelib.exams.model import Exam
from chalicelib.shared.clock import MINUTE_MS
from chalicelib.shared.errors import Conflict
archive.open(info)
"""
    assert list(impurities(ast.parse(code))) == []


@pytest.mark.parametrize("file", FILES, ids=module_name)
def test_packages_from_outside_stay_where_they_belong(file: pathlib.Path) -> None:
    here = module_name(file)
    for package in {name.partition(".")[0] for name in imports(tree(file))} & set(ONLY):
        assert here in ONLY[package] or here.partition(".")[0] in ONLY[package]


@pytest.mark.parametrize("file", FILES, ids=module_name)
def test_heavy_packages_are_imported_where_they_are_needed(file: pathlib.Path) -> None:
    assert not at_the_top(file) & INSIDE_FUNCTIONS


def test_services_take_keywords_so_that_no_two_ids_are_swapped() -> None:
    for file in FILES:
        if file.stem == "service":
            for node in tree(file).body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    cached = any("lru_cache" in ast.unparse(d) for d in node.decorator_list)
                    few = len(node.args.args) <= 2 or cached  # a cache wants them in one order
                    assert few, f"{module_name(file)}.{node.name} takes positional arguments"


def test_the_table_of_contents_stays_one() -> None:
    source = (ROOT / "app.py").read_text("utf-8")
    assert len(source.splitlines()) <= 60
    kinds = {type(node) for node in ast.parse(source).body}
    assert not kinds & {ast.FunctionDef, ast.ClassDef}


def in_a_fresh_interpreter(code: str, **environment: str) -> str:
    """What a new Python prints, with nothing set but the path and what is given."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={"HOME": "/", **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_the_app_loads_nothing_heavy() -> None:
    loaded = in_a_fresh_interpreter("import app, sys; print('\\n'.join(sys.modules))").split()
    packages = {name.partition(".")[0] for name in loaded}
    assert "chalice" in packages
    assert not packages & set(NOT_FOR_THE_API)


def test_the_api_loads_nothing_that_only_other_functions_need() -> None:
    code = "import chalicelib.handlers.api, sys; print('\\n'.join(sys.modules))"
    loaded = set(in_a_fresh_interpreter(code).split())
    rooms = {name.split(".")[1] for name in loaded if name.startswith("chalicelib.")}
    assert not rooms & {"desk", "imports", "sheets", "notation", "preview", "deletion", "faces"}
    handlers = {name.split(".")[2] for name in loaded if name.startswith("chalicelib.handlers.")}
    assert not handlers & {"clock", "widgets", "commands", "console", "uploads", "changes"}


@pytest.mark.parametrize(
    ("environment", "ready"),
    [({}, 0), ({"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"}, 1)],
)
def test_lambda_gets_ready_for_the_first_call_while_it_starts_a_function(
    environment: dict[str, str], ready: int
) -> None:
    code = """
from chalicelib.shared.aws import account, calls, signing
import sys
print(account._session.cache_info().currsize, signing._signer.cache_info().currsize, "boto3" in sys.modules)
"""
    lambda_gives = {"AWS_DEFAULT_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "key"}
    lambda_gives["AWS_SECRET_ACCESS_KEY"] = "secret"
    assert in_a_fresh_interpreter(code, **lambda_gives, **environment) == f"{ready} {ready} False\n"


def test_tests_of_pure_rules_load_no_cloud() -> None:
    """One file of them starts and ends within a second."""
    files = sorted(pathlib.Path(__file__).parent.glob("test_*_rules.py"))
    modules = ", ".join(["tests.conftest", *(f"tests.unit.{file.stem}" for file in files)])
    loaded = in_a_fresh_interpreter(
        f"import {modules}, sys; print('\\n'.join(sys.modules))"
    ).split()
    assert not {"boto3", "moto", "chalice"} & set(loaded)


def handler_strings() -> list[str]:
    found = [*app.app.pure_lambda_functions, *app.app.event_sources]
    return sorted({source.handler_string for source in found})


def test_each_packaged_handler_imports_alone() -> None:
    """A function's process loads its own module, not app.py (chalice.test.Client hides that)."""
    strings = handler_strings()
    assert len(strings) >= 4
    lines = ["import importlib, sys"]
    for module in sorted({string.rpartition(".")[0] for string in strings}):
        names = [s.rpartition(".")[2] for s in strings if s.rpartition(".")[0] == module]
        lines.append(f"module = importlib.import_module({module!r})")
        lines.append(f"assert all(callable(getattr(module, name)) for name in {names!r})")
        lines.append(
            "for m in [m for m in sys.modules if m.startswith('chalicelib')]: del sys.modules[m]"
        )
    lines.append("print('app' in sys.modules)")
    assert in_a_fresh_interpreter("\n".join(lines)).strip() == "False"


# --- lists that must say what the code does ---


def test_the_api_description_is_up_to_date() -> None:
    """`make openapi` writes it anew."""
    kept = json.loads((ROOT / "docs/openapi.json").read_text("utf-8"))
    assert kept == json.loads(json.dumps(openapi.document()))


def test_the_api_description_lists_exactly_the_routes_of_the_app() -> None:
    described = {
        (path, method.upper())
        for path, operations in openapi.document()["paths"].items()
        for method in operations
    }
    routed = {(path, method) for path, methods in app.app.routes.items() for method in methods}
    assert described == routed


def test_every_reference_of_the_api_description_leads_somewhere() -> None:
    document = openapi.document()
    references = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(document)))
    assert references == set(document["components"]["schemas"])


def test_every_route_says_who_may_call_it() -> None:
    assert all(isinstance(entry.role, Role) for entry in ROUTES)
    public = {entry.path for entry in ROUTES if entry.role is Role.PUBLIC}
    assert public == {
        "/captchas",
        "/codes",
        "/sessions",
        "/accounts",
        "/sso",
        "/sso/{provider}/requests",
        "/sso/{provider}/sessions",
        "/sso/{provider}/links",
        "/agreements/{name}",
        "/site",
        "/time",
        "/exams",
        "/exams/{exam_id}",
        "/certificates/{number}",
    }


def raised_codes() -> dict[str, set[str]]:
    """The first argument of every domain error that is made anywhere, and the rooms that make it."""
    errors = {
        node.name
        for node in ast.walk(tree(CODE / "shared/errors.py"))
        if isinstance(node, ast.ClassDef)
    }
    rooms: dict[str, set[str]] = {}
    for file in FILES:
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in errors:
                [code, *rest] = node.args
                assert isinstance(code, ast.Constant), (
                    f"{file}:{node.lineno}: a code is written out"
                )
                assert not rest
                rooms.setdefault(code.value, set()).add(module_name(file).partition(".")[0])
    return rooms


FROM_THE_DOOR = {"internal_error"}  # made by the endpoint itself
FROM_THE_LAUNCHER = {"method_not_allowed"}  # infra/local answers for API Gateway


def test_every_error_has_a_text_and_every_text_an_error() -> None:
    assert set(raised_codes()) | FROM_THE_DOOR | FROM_THE_LAUNCHER == set(ERRORS)


def test_the_text_of_an_error_stands_in_one_table_of_a_room_that_raises_it() -> None:
    assert sum(map(len, TABLES)) == len(ERRORS), "a code stands in two tables"
    rooms = raised_codes()
    for file in CODE.glob("*/texts.py"):
        room = importlib.import_module(f"chalicelib.{file.parent.name}.texts")
        for code in getattr(room, "ERRORS", {}):
            assert file.parent.name in rooms[code], f"{code} is not raised by {file.parent.name}"
    floors = set(MAY_KNOW) - {"shared", "kernel", "handlers"}
    for code in set(GENERAL) & set(rooms):
        assert len(rooms[code] & floors) != 1 or rooms[code] - floors, f"{code} has a room"


def test_every_error_is_documented() -> None:
    documented = set(
        re.findall(r"^\| `(\w+)` \|", (ROOT / "docs/errors.md").read_text("utf-8"), re.M)
    )
    assert set(ERRORS) <= documented


def test_an_errors_text_uses_only_details_that_come_with_it() -> None:
    given: dict[str, set[str]] = {}
    for file in FILES:
        for node in ast.walk(tree(file)):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                names = {keyword.arg for keyword in node.keywords if keyword.arg}
                given.setdefault(str(node.args[0].value), names).intersection_update(names)
    for code, text in ERRORS.items():
        assert set(re.findall(r"{(\w+)}", text)) <= given.get(code, set()), code


def test_every_reason_a_picture_is_refused_for_has_a_text() -> None:
    decoding = set(get_args(PictureReason))
    rules = (CODE / "identity/model.py").read_text("utf-8")
    service = (CODE / "identity/service.py").read_text("utf-8")
    service += (CODE / "identity/comparing.py").read_text("utf-8")
    assert decoding <= set(PICTURES)
    for reason in set(PICTURES) - decoding:
        assert f'"{reason}"' in rules + service, f"no code gives {reason}"
    made = set(re.findall(r'return "(\w+)"', rules)) | set(re.findall(r'"(\w+)": face\.', rules))
    assert made <= set(PICTURES)


def test_every_outcome_of_a_check_has_a_text() -> None:
    for state in (CheckState.PENDING, CheckState.JUDGING, CheckState.PASSED):
        assert verification_message(state.value, "")
    for reason in ("mismatch", "uncertain", "replayed"):
        assert verification_message(CheckState.FAILED.value, reason)
    for reason in (*(reason.value for reason in CheckReason), *PICTURES):
        assert verification_message(CheckState.NOT_RUN.value, reason)
    possible = {"pending", "judging", "passed", "mismatch", "uncertain", "replayed"}
    assert set(VERIFICATIONS) == possible | {reason.value for reason in CheckReason}


def test_whatever_a_person_reads_is_chinese_and_complete() -> None:
    states = {state.value for state in CaseState}
    assert set(TICKETS) == set(COMPLAINTS) == states
    assert set(FRAMES) == {verdict.value for verdict in Verdict}
    assert set(CAUSES) == {cause.value for cause in Cause}
    assert set(REASONS) == {state.value for state in IntegrityState} - {"clear"}
    for state, reasons in REASONS.items():
        rules = {rule.value for rule in IntegrityRule}
        if state == "not_watched":  # our fault: no rule of theirs
            rules = {""}
        assert set(reasons) == rules - ({"several_people"} if state == "flagged" else set())
    shown = (PICTURES, VERIFICATIONS, TICKETS, COMPLAINTS)
    sentences = {
        f"{verdict} {field}": word
        for verdict, text in FRAMES.items()
        for field, word in text._asdict().items()
    }
    shown += (sentences, ERRORS, *REASONS.values())
    for text in (text for kind in shown for text in kind.values()):
        assert re.search(r"[\u4e00-\u9fff]", text)
    assert error_message("agreements_required", {"missing": ["甲", "乙"]}).endswith("甲、乙")
    assert "3" in error_message("chances_used_up", {"chances": 3})


LANGUAGES = ROOT / "web/src/languages"
_COMMENTS_AND_WORDS = re.compile(r'/\*.*?\*/|<!--.*?-->|"(?:\\.|[^"\\])*"|`[^`]*`|//[^\n]*', re.S)
_KEYS = re.compile(r"([A-Za-z]\w*)\??:(?!\s*(?:string|number|readonly|Shape|Record)\b)")


@pytest.mark.parametrize("language", sorted({path.parent.name for path in LANGUAGES.glob("*/*")}))
def test_each_language_of_the_page_has_the_texts_of_chinese(language: str) -> None:
    """The compiler and web/tests/languages.test.ts look closer."""
    for file in sorted((LANGUAGES / "zh").glob("*.ts")):
        texts = [LANGUAGES / folder / file.name for folder in ("zh", language)]
        code = [_COMMENTS_AND_WORDS.sub('""', text.read_text("utf-8")) for text in texts]
        chinese, other = (Counter(_KEYS.findall(text)) for text in code)
        assert other == chinese, f"{language}/{file.name}"
