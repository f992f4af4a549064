"""Kaochang 考场: the list of all routes, events and Lambda functions. Their code is in chalicelib.

Chalice packages this list. On AWS no function loads it: each loads its own module of `chalicelib/handlers`.
"""

from chalicelib.handlers import (
    audits,
    captchas,
    certificates,
    changes,
    clock,
    commands,
    console,
    deletions,
    gaps,
    imports,
    operators,
    reviews,
    roster_photos,
    uploads,
    webhooks,
    widgets,
)
from chalicelib.handlers.api import app

app.register_blueprint(captchas.functions, name_prefix="captchas_")  # a route of its own
app.register_blueprint(uploads.events, name_prefix="uploads_")  # pictures that arrived in S3
app.register_blueprint(webhooks.events, name_prefix="webhooks_")  # partners are told of new entries
app.register_blueprint(changes.events, name_prefix="changes_")  # the streams of the tables
app.register_blueprint(certificates.events, name_prefix="certificates_")  # writes their PDFs
app.register_blueprint(clock.events, name_prefix="clock_")  # once a minute
app.register_blueprint(imports.events, name_prefix="imports_")  # files that operators drop
app.register_blueprint(roster_photos.events, name_prefix="imports_")  # photos among it
app.register_blueprint(console.functions, name_prefix="console_")  # operators' commands
app.register_blueprint(audits.functions, name_prefix="audits_")  # whether evidence was touched
app.register_blueprint(gaps.functions, name_prefix="gaps_")  # frames that we failed to judge
app.register_blueprint(reviews.functions, name_prefix="reviews_")  # operators decide complaints
app.register_blueprint(operators.functions, name_prefix="operators_")  # who may decide
app.register_blueprint(widgets.functions, name_prefix="widgets_")  # operators' dashboard
app.register_blueprint(commands.functions, name_prefix="widgets_")  # what its buttons do
app.register_blueprint(deletions.functions, name_prefix="deletions_")  # operators delete on request
app.register_blueprint(
    certificates.functions, name_prefix="certificates_"
)  # operators correct them
