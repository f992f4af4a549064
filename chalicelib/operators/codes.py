"""One-time codes by RFC 6238 with the parameters of the usual apps: SHA-1, six digits, 30 seconds."""

import base64

from chalicelib.operators.model import NEIGHBOURS, STEP_MS
from chalicelib.shared import hmacs, ids

_SECRET_BYTES = 20  # RFC 4226, section 4, R6: 160 bits are recommended


def new_secret() -> str:
    """Return a new random secret in Base32."""
    return base64.b32encode(ids.source(_SECRET_BYTES)).decode()


def fitting_steps(secret: str, code: str, now: int) -> tuple[int, ...]:
    """Return the time steps near `now` (UTC ms) that have this code: none, one, or by chance more."""
    import pyotp

    code_of = pyotp.TOTP(secret).generate_otp
    around = [now // STEP_MS + place for place in NEIGHBOURS]
    return tuple(step for step in around if hmacs.equal(code_of(step), code))


def code_at(secret: str, now: int) -> str:
    """Return the code that the app shows at this time (UTC ms)."""
    import pyotp

    return pyotp.TOTP(secret).generate_otp(now // STEP_MS)


def uri(secret: str, name: str, issuer: str) -> str:
    """Return the content of the QR code for the app (Key URI Format of Google Authenticator)."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer)
