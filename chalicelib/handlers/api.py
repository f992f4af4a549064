"""The app with the routes alone. The API's function loads it, and so nothing that only operators or events need."""

from chalice.app import Chalice

from chalicelib.handlers import (
    after,
    announcements,
    check_in,
    partner,
    person,
    public,
    sitting,
    sso,
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
