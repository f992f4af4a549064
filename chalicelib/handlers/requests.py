"""Types of request fields that several files of routes use."""

from typing import Annotated

import msgspec
from msgspec import Meta

RequestId = Annotated[str, Meta(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+\Z")]
Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]


class RepeatableRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A command that must happen once. The page makes a new id for it and sends the same id with each repeat."""

    request_id: RequestId
