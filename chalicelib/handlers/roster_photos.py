"""The event of roster photos. It has a function of its own, because only this import needs the face engine."""

from chalice.app import Blueprint, CloudWatchEvent

from chalicelib.imports import service as imports
from chalicelib.shared import clock

events = Blueprint(__name__)


# The template narrows the pattern to our bucket and its folder `photos/`.
@events.on_cw_event({"source": ["aws.s3"], "detail-type": ["Object Created"]})
def import_photos(event: CloudWatchEvent) -> None:
    """Import the photos that an operator has put there, and write the report beside them."""
    written = event.detail["object"]
    imports.import_photos(
        key=written["key"], version_id=written.get("version-id"), now=clock.now_ms()
    )
