"""Sessions: signed cookies that are valid for 12 hours."""

import base64
import hashlib

import msgspec

from chalicelib.accounts.model import LINK_MS, SESSION_MS, SIGN_IN_MS
from chalicelib.shared import hmacs
from chalicelib.shared.errors import NotSignedIn
from chalicelib.shared.secrets import key
from chalicelib.shared.settings import settings


class Session(msgspec.Struct, frozen=True, array_like=True):
    """The content of a session cookie. Whoever reads the account checks that it has the same `version`.

    `expires_at`: UTC ms.
    """

    account_id: str
    version: int
    expires_at: int


def _signature(encoded: str) -> str:
    """Return the HMAC of a session. A change of how its key is derived would end all sessions."""
    return hmacs.text(hashlib.sha256(b"sessionsigner" + key("session")).digest(), encoded)


def cookie(account_id: str, version: int, now: int) -> str:
    """Return the `Set-Cookie` value of a new session of this account."""
    session = Session(account_id, version, now + SESSION_MS)
    encoded = base64.urlsafe_b64encode(msgspec.json.encode(session)).decode()
    token = f"{encoded}.{_signature(encoded)}"
    return f"{settings().session_cookie}={token}; Max-Age={SESSION_MS // 1000}" + _attributes()


def browser_cookie_name() -> str:
    """Return the name of the cookie that binds a sign-in by a provider to the browser that began it."""
    return settings().session_cookie.replace("session", "sign-in")


def browser_cookie(browser: str) -> str:
    """Return the `Set-Cookie` value of that cookie. It lives as long as the sign-in and the link after it."""
    age_s = (SIGN_IN_MS + LINK_MS) // 1000
    return f"{browser_cookie_name()}={browser}; Max-Age={age_s}" + _attributes()


def removal_cookie() -> str:
    """Return the `Set-Cookie` value that removes the session."""
    return f"{settings().session_cookie}=; Max-Age=0" + _attributes()


def read(token: str, now: int) -> Session:
    """Return the session of a cookie. Raises `NotSignedIn` when it is missing, forged, or 12 hours old."""
    encoded, _, signature = token.rpartition(".")
    try:
        if not hmacs.equal(_signature(encoded), signature):
            raise NotSignedIn("not_signed_in")
        session = msgspec.json.decode(base64.urlsafe_b64decode(encoded), type=Session)
    except (msgspec.MsgspecError, ValueError):
        raise NotSignedIn("not_signed_in") from None
    if now >= session.expires_at:
        raise NotSignedIn("session_expired")
    return session


def _attributes() -> str:
    # A cookie with the prefix __Host- must be Secure. On loopback the launcher uses http, so there it has no prefix.
    secure = "; Secure" if settings().session_cookie.startswith("__Host-") else ""
    return f"; Path=/; HttpOnly; SameSite=Lax{secure}"
