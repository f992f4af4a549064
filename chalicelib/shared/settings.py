"""The environment of a function as one typed record, read once."""

import functools
import os

import msgspec


class Settings(msgspec.Struct, frozen=True):
    """Names come from the template (infra/resources.yaml); a missing one stops the cold start."""

    accounts_table: str
    exams_table: str
    attempts_table: str
    cases_table: str
    passing_table: str
    private_bucket: str
    papers_bucket: str
    evidence_bucket: str
    dropbox_bucket: str
    secret_id: str
    stage: str
    hotline: str = "95763"  # the hotline of the operation guide
    operator_name: str = "考试平台运营方"
    site_origin: str = ""  # the address of the page, when it is not the API's own host
    session_cookie: str = "__Host-session"  # the launcher sets "session": plain http, any client

    @property
    def local(self) -> bool:
        """Whether this runs on the embedded cloud."""
        return self.stage == "local"


@functools.cache
def settings() -> Settings:
    """The settings of this process. Raises `msgspec.ValidationError` naming what is missing."""
    known = {field: os.environ.get(field.upper()) for field in Settings.__struct_fields__}
    return msgspec.convert({k: v for k, v in known.items() if v is not None}, Settings)
