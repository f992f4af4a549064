"""Kaochang 考场: the list of all routes, events and Lambda functions. Their code is in chalicelib."""

from chalice.app import Chalice

from chalicelib.handlers import (
    after,
    announcements,
    audits,
    certificates,
    changes,
    check_in,
    clock,
    commands,
    console,
    deletions,
    gaps,
    imports,
    operators,
    partner,
    person,
    public,
    reviews,
    roster_photos,
    sitting,
    sso,
    uploads,
    widgets,
)

app = Chalice(app_name="kaochang", configure_logs=False)
app.api.binary_types = []  # pictures never pass through the API

app.register_blueprint(public.routes)  # portal, sign-in, registration
app.register_blueprint(sso.routes)  # sign-in by 山西政府采购平台
app.register_blueprint(person.routes)  # the candidate's session and identity
app.register_blueprint(check_in.routes)  # from opening an attempt to admission
app.register_blueprint(sitting.routes)  # waiting room and exam
app.register_blueprint(announcements.routes)  # what operators announce, and requests for help
app.register_blueprint(after.routes)  # results, complaints, certificates, tickets
app.register_blueprint(partner.routes)  # results for partner platforms
app.register_blueprint(uploads.events, name_prefix="uploads_")  # pictures that arrived in S3
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
