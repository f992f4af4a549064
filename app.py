"""Kaochang 考场: the table of contents. Every front door is listed here; what is behind it lives in chalicelib."""

from chalice.app import Chalice

from chalicelib.handlers import candidate, changes, clock, console, public, uploads

app = Chalice(app_name="kaochang", configure_logs=False)
app.api.binary_types = []  # pictures never pass through the API

app.register_blueprint(public.routes)  # portal, sign-in, registration
app.register_blueprint(candidate.routes)  # identity, check-in, exam, result
app.register_blueprint(uploads.events, name_prefix="uploads_")  # pictures that arrived in S3
app.register_blueprint(changes.events, name_prefix="changes_")  # the stream of the attempts table
app.register_blueprint(clock.events, name_prefix="clock_")  # once a minute
app.register_blueprint(console.functions, name_prefix="console_")  # operators' hands
