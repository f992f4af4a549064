"""Read the files of a folder."""

from pathlib import Path


def read_folder(folder: Path) -> dict[str, bytes]:
    """The files below a folder by their paths in it, in the order of the paths. Raises `OSError`."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
