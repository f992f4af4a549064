"""Good runs of signing in by a platform. The platform is in this process, so each copy has its own."""

import json
import os
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import boto3

from chalicelib.accounts import providers
from chalicelib.shared import secrets, settings
from chalicelib.shared.http import Answer as Told
from tests import provider as there
from tests.api import Answer
from tests.proof.crashes import Scenario
from tests.proof.scenarios import AGREED, STRANGER, anew, ann, get, with_code
from tests.proof.world import World


class Platform(there.Liar):
    """An honest platform without a socket."""

    issuer = "https://platform.example"

    def answer(self, _known: Any, method: str, url: str, **sent: Any) -> Told:
        """Return the answer that `providers` would get over the network."""
        form = there.fields((sent.get("body") or b"").decode())
        status, body = self.say(method, urlsplit(url).path, form)
        return Told(status, {}, body)


def set_up(w: World) -> None:
    """Set up the platform, for the rest of this copy."""
    platform = Platform()
    w.memory["platform"] = platform
    known = {"provider": "shanxi", "title": "山西政府采购平台", "client_id": there.CLIENT_ID}
    os.environ["SIGN_IN_PROVIDERS"] = json.dumps([{**known, "issuer": platform.issuer}])
    os.environ |= {"SITE_ORIGIN": there.ORIGIN, "PARTNERS_SECRET_ID": "partners"}
    told = json.dumps({"sign_in": {"shanxi": there.CLIENT_SECRET}})
    boto3.client("secretsmanager").create_secret(Name="partners", SecretString=told)
    settings.settings.cache_clear()
    settings.settings()
    secrets.forget()
    providers.forget()
    mock.patch.object(providers, "_call", platform.answer).start()


def begin(w: World) -> Answer:
    """Return a browser without a session."""
    ann(w).api.cookie = ""
    return ann(w).api.post("/sso/shanxi/requests", {**AGREED, "return_to": {"page": "portal"}})


def agreed_there(w: World) -> None:
    """The person has agreed on the platform's page and is redirected back."""
    platform = w.memory["platform"]
    platform.now_s = w.clock.now / 1000
    back = platform.approve(begin(w).json["authorization_url"])
    w.memory["back"] = {"code": back.code, "state": back.state}


def come_back(w: World) -> Answer:
    return ann(w).api.post("/sso/shanxi/sessions", w.memory["back"])


def known_there(w: World) -> None:
    """The platform names a person without an account, whose phone is not proven."""
    set_up(w)
    agreed_there(w)
    w.memory["link"] = come_back(w).json["link"]["link_id"]
    with_code("link", STRANGER)(w)


def link(w: World) -> Answer:
    body = {"link_id": w.memory["link"], "phone": STRANGER, **ann(w).api.proof(w.memory["code"])}
    return ann(w).api.post("/sso/shanxi/links", body)


def linked(w: World) -> None:
    known_there(w)
    assert link(w).status == 201
    agreed_there(w)


def signed_in_there(w: World) -> Answer:
    """Sign in by the platform again. A linked person is signed in, others prove their phone."""
    agreed_there(w)
    answer = come_back(w)
    if answer.json["link"]:
        w.memory["link"] = answer.json["link"]["link_id"]
        answer = anew(with_code("link", STRANGER), link)(w)
    return answer


ALL = [
    Scenario("whom one can sign in by", "GET /sso", set_up, get("/sso")),
    Scenario("go to the platform", "POST /sso/{provider}/requests", set_up, begin),
    Scenario(
        "come back from the platform",
        "POST /sso/{provider}/sessions",
        linked,
        come_back,
        start_over=signed_in_there,
    ),
    Scenario(
        "prove a phone for the platform",
        "POST /sso/{provider}/links",
        known_there,
        link,
        start_over=signed_in_there,
    ),
]
