"""Routes of a signed-in candidate: the session, the identity profile and its photo."""

import msgspec
from chalice.app import Blueprint

from chalicelib.accounts import service as accounts
from chalicelib.accounts import sessions
from chalicelib.handlers.endpoint import Call, Role, route
from chalicelib.identity import service as identity
from chalicelib.identity.service import ProfileEdit
from chalicelib.own_records import service as own_records
from chalicelib.shared.objects import UploadTicket
from chalicelib.views.identity import Me, me_view
from chalicelib.views.own_records import RecordView, record_view

routes = Blueprint(__name__)


class Done(msgspec.Struct, frozen=True):
    """The request was carried out. There is no other content."""

    ok: bool = True


@route(routes, "DELETE", "/sessions/current", role=Role.CANDIDATE)
def end_session(call: Call) -> Done:
    """Sign out on all devices."""
    assert call.session
    accounts.end_session(account_id=call.account_id, session_version=call.session.version)
    call.set_cookie = sessions.removal_cookie()
    return Done()


# --- identity -------------------------------------------------------------------------------------------


@route(routes, "GET", "/me", role=Role.CANDIDATE)
def get_me(call: Call) -> Me:
    """Return my identity profile. The ID number is masked."""
    assert call.session
    person = identity.get_person(account_id=call.account_id, session_version=call.session.version)
    return me_view(person, call.now)


class ProfileRequest(ProfileEdit, frozen=True, forbid_unknown_fields=True):
    """身份信息 as the form sends it. Without `id_number` the stored number stays."""


@route(routes, "PUT", "/me", role=Role.CANDIDATE)
def save_profile(call: Call, body: ProfileRequest) -> Me:
    """Save my identity profile. This is refused while an attempt is open."""
    assert call.session
    person = identity.save_profile(
        account_id=call.account_id,
        session_version=call.session.version,
        edit=body,
        now=call.now,
    )
    return me_view(person, call.now)


@route(routes, "POST", "/me/id-photo", role=Role.CANDIDATE, status=201)
def request_id_photo(call: Call) -> UploadTicket:
    """Return a ticket to upload an ID photo. `GET /me` shows the state of the upload."""
    assert call.session
    return identity.request_id_photo(
        account_id=call.account_id, session_version=call.session.version, now=call.now
    )


# --- 我的数据 -------------------------------------------------------------------------------------------


@route(routes, "GET", "/me/record", role=Role.CANDIDATE)
def get_record(call: Call) -> RecordView:
    """Return how the zip of my own data stands, with a link to it for one minute."""
    assert call.session
    shown = own_records.get_record(
        account_id=call.account_id, session_version=call.session.version, now=call.now
    )
    return record_view(shown, call.now)


@route(routes, "POST", "/me/record", role=Role.CANDIDATE, status=202)
def order_record(call: Call) -> RecordView:
    """Have a zip of my own data prepared, a few times a day. `GET /me/record` says when it is ready."""
    assert call.session
    shown = own_records.order_record(
        account_id=call.account_id, session_version=call.session.version, now=call.now
    )
    return record_view(shown, call.now)
