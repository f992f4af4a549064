"""The environment of a function as one typed record, read once."""

import functools
import os
from typing import Annotated, Literal

import msgspec
from msgspec import Meta


class Settings(msgspec.Struct, frozen=True):
    """The settings of a function. The template (infra/resources.yaml) sets them; a missing one stops the cold start."""

    accounts_table: str
    exams_table: str
    attempts_table: str
    cases_table: str
    results_table: str
    passing_table: str
    operators_table: str
    private_bucket: str
    papers_bucket: str
    evidence_bucket: str
    dropbox_bucket: str
    snapshot_queue_url: str
    webhook_queue_url: str
    secret_id: str
    signing_secret_id: str
    evidence_key_id: str  # in KMS: timelines are signed with it
    stage: str
    hotline: str = "95763"  # the hotline of the operation guide
    filing_number: str = ""  # ICP 备案号 of the site, in the footer of the page
    operator_name: str = "考试平台运营方"
    site_origin: str = ""  # the address of the page, when it is not the API's own host
    sms_provider: Literal["sns", "aliyun", "tencent", "https"] = "sns"
    most_codes_an_hour: Annotated[int, Meta(ge=1)] = 10_000  # by SMS, of the whole stage
    most_codes_a_day: Annotated[int, Meta(ge=1)] = 30_000
    sms_url: str = ""  # of the provider `https`; of another one, when it is not the usual address
    sms_secret_id: str = ""  # its key, in Secrets Manager
    sms_sign: str = ""  # the approved signature (aliyun, tencent), without its brackets
    sms_app_id: str = ""  # SdkAppId (tencent)
    sms_templates: str = ""  # our templates under the provider's ids, see docs/settings.md
    operator_phone: str = ""  # E.164; gets one real message a day before an exam
    signing_key_id: str = ""  # in KMS; without one the key is in the secret, with its certificate
    former_evidence_keys: str = ""  # ids, separated by commas; only for checking
    # secret header value of CloudFront (infra/site.yaml); empty: no CloudFront
    edge_proof: str = ""
    edge_proof_before: str = ""  # the value before the last rotation, which is still accepted
    session_cookie: str = "__Host-session"  # the launcher sets "session": plain http, any client
    # client secrets of sign-in providers, address and key of the authority
    partners_secret_id: str = ""
    sign_in_providers: str = "[]"  # JSON, see docs/partners.md
    identity_authority: Literal["enrolled_photo", "http"] = "enrolled_photo"
    authority_for_snapshots: bool = False
    face_engine: Literal["yunet_sface", "face_recognition"] = "yunet_sface"

    @property
    def evidence_keys(self) -> tuple[str, ...]:
        """The ids of all keys that timelines were ever signed with, the present one first."""
        former = (key.strip() for key in self.former_evidence_keys.split(","))
        return (self.evidence_key_id, *(key for key in former if key))

    @property
    def local(self) -> bool:
        """Whether this runs on the embedded cloud."""
        return self.stage == "local"


@functools.cache
def settings() -> Settings:
    """The settings of this process. Raises `msgspec.ValidationError` naming what is missing."""
    environment = {field: os.environ.get(field.upper()) for field in Settings.__struct_fields__}
    given = {k: v for k, v in environment.items() if v is not None}
    # the environment holds texts such as "true"
    return msgspec.convert(given, Settings, strict=False)
