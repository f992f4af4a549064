"""Types of request fields that several files of routes use."""

from typing import Annotated

import msgspec
from msgspec import Meta

RequestId = Annotated[str, Meta(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9_-]+\Z")]
Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]


class RepeatableRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A command that must happen once: the page makes the id up and repeats it with the request."""

    request_id: RequestId
