"""The Lambda function of operators that deletes face data and photos on request."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.desk import deletion_commands

functions = Blueprint(__name__)


@functions.lambda_function()
def delete_person_data(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Delete a candidate's face data and photos from every store. Call it again at `again_at` until `done`."""
    return deletion_commands.delete_person_data(event)
