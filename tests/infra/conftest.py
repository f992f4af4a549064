"""The package of the `prod` stage, built once for all tests here (about 25 s)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra import package
from tests.sharing import made_once

Json = dict[str, Any]


@dataclass(frozen=True)
class Built:
    """A built package and its template."""

    out: Path
    template: Json

    def of_type(self, kind: str) -> dict[str, Json]:
        """The resources of one type."""
        resources = self.template["Resources"]
        return {name: entry for name, entry in resources.items() if entry["Type"] == kind}


@pytest.fixture(scope="session")
def built(run_folder: Path) -> Built:
    """What `make package` makes; of several processes the first makes it, the others wait for it."""
    out = made_once(run_folder, "package", lambda place: package.package("prod", place))
    return Built(out, package.read_template(out))


@pytest.fixture(scope="session")
def resources() -> Json:
    """Our part of the template, as it is written."""
    text = (package.PROJECT / "infra" / "resources.yaml").read_text("utf-8")
    found: Json = yaml.safe_load(text)["Resources"]
    return found
