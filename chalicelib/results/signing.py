"""Sign a certificate by PAdES baseline B-B, so that PDF readers show who issued it.

The key is in KMS, or (where there is none) in the signing secret beside its X.509 certificate. In both cases the same
document gets the same signature: RSA with PKCS #1 v1.5, with the time of issue as signing time.
"""

import datetime
import functools
import hashlib
import io
from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib.shared import clients, secrets
from chalicelib.shared.errors import Unavailable
from chalicelib.shared.settings import settings
from chalicelib.shared.table import aws_errors

if TYPE_CHECKING:
    from asn1crypto.x509 import Certificate
    from pyhanko.sign.signers import Signer

_DIGEST = "sha256"
# bytes for the signature with its certificates, as hexadecimal digits twice that
_RESERVED = 16_384


class SigningIdentity(msgspec.Struct, frozen=True):
    """The content of the signing secret, in PEM: certificate, chain, and the key (empty when KMS has it)."""

    certificate: str
    chain: tuple[str, ...] = ()
    key: str = ""


def sign_document(data: bytes, *, issuer: str, at: int) -> bytes:
    """Return the signed document. `at`: the signing time (UTC ms). Raises `Unavailable` when it cannot be signed."""
    from pyhanko.sign.fields import SigSeedSubFilter
    from pyhanko.sign.signers import PdfSignatureMetadata

    about = PdfSignatureMetadata(
        field_name="Signature",
        md_algorithm=_DIGEST,
        subfilter=SigSeedSubFilter.PADES,
        name=issuer,
    )
    signer = _punctual_signer(about, _signer(), at)
    out = io.BytesIO()
    signer.sign_pdf(_repeatable_writer(data), output=out, bytes_reserved=_RESERVED)
    return out.getvalue()


def _repeatable_writer(data: bytes) -> Any:
    """Return a writer without random ids and times, so that signing again gives the same file."""
    from pyhanko.pdf_utils.generic import ArrayObject, ByteStringObject
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

    class Repeatable(IncrementalPdfFileWriter):
        def _update_meta(self) -> None:
            """Leave the metadata as they are: the document has them already."""

    writer = Repeatable(io.BytesIO(data))
    first, _ = writer.document_id
    second = hashlib.sha256(data).digest()[:16]
    writer._document_id = ArrayObject([first, ByteStringObject(second)])
    return writer


def _punctual_signer(about: Any, signer: "Signer", at: int) -> Any:
    """Return a signer that uses the time of issue (UTC ms) as its clock."""
    from pyhanko.sign.signers import PdfSigner

    class Punctual(PdfSigner):
        def init_signing_session(self, *arguments: Any, **more: Any) -> Any:
            session = super().init_signing_session(*arguments, **more)
            session.system_time = datetime.datetime.fromtimestamp(at // 1000, datetime.UTC)
            return session

    return Punctual(about, signer)


@functools.cache
def _identity() -> SigningIdentity:
    """Read the signing secret. Raises `Unavailable` while it holds no certificate."""
    stored = secrets.read_secret(settings().signing_secret_id)
    signing_identity = msgspec.json.decode(stored, type=SigningIdentity)
    if not signing_identity.certificate:
        raise Unavailable("service_busy", retry_after_s=60)
    return signing_identity


def sign_text(text: bytes) -> bytes:
    """Return the signature of a short text: RSA with PKCS #1 v1.5 and SHA-256, as `openssl dgst` and browsers check it.

    The text must not be longer than the 4,096 bytes that KMS takes. Raises `Unavailable`.
    """
    identity = _identity()
    if not identity.key:
        return _kms_signature(settings().signing_key_id, text)
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    key = serialization.load_pem_private_key(identity.key.encode(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key.sign(text, padding.PKCS1v15(), hashes.SHA256())


def certificates_pem() -> bytes:
    """Return the X.509 certificate of the signer and its chain, in PEM. Raises `Unavailable`."""
    identity = _identity()
    parts = (identity.certificate, *identity.chain)
    return "".join(part.strip() + "\n" for part in parts).encode()


def fingerprint() -> str:
    """Return the SHA-256 (hex) of the signer's public key (SubjectPublicKeyInfo). Raises `Unavailable`."""
    public_key = _certificate(_identity().certificate).public_key
    return hashlib.sha256(public_key.dump()).hexdigest()


def forget() -> None:
    """Clear the cached secret (for tests)."""
    _identity.cache_clear()


def _signer() -> "Signer":
    """Return the signer of this deployment: with its own key, or with KMS."""
    from pyhanko.keys.pemder import load_certs_from_pemder_data
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    identity = _identity()
    certificate = _certificate(identity.certificate)
    registry: Any = SimpleCertificateStore()  # type: ignore[no-untyped-call, unused-ignore]
    for entry in identity.chain:
        registry.register_multiple(load_certs_from_pemder_data(entry.encode()))
    if identity.key:
        return _with_own_key(identity.key, certificate, registry)
    return _with_kms(settings().signing_key_id, certificate, registry)


def _certificate(pem: str) -> "Certificate":
    from pyhanko.keys.pemder import load_certs_from_pemder_data

    return next(iter(load_certs_from_pemder_data(pem.encode())))


def _with_own_key(pem: str, certificate: "Certificate", registry: Any) -> "Signer":
    """Return a signer with the key in memory."""
    from asn1crypto.keys import PrivateKeyInfo
    from cryptography.hazmat.primitives import serialization
    from pyhanko.sign.signers import Signer, SimpleSigner

    key = serialization.load_pem_private_key(pem.encode(), password=None)
    der = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    made: Signer = _orderly(SimpleSigner)(certificate, PrivateKeyInfo.load(der), registry)
    return made


def _with_kms(key_id: str, certificate: "Certificate", registry: Any) -> "Signer":
    """Return a signer that calls KMS for each signature. The key never leaves KMS."""
    from asn1crypto.algos import SignedDigestAlgorithm
    from pyhanko.sign.signers import Signer

    class KmsSigner(Signer):
        async def async_sign_raw(
            self, data: bytes, digest_algorithm: str, dry_run: bool = False
        ) -> bytes:
            # What is signed are the signed attributes, some 300 bytes.
            return bytes(512) if dry_run else _kms_signature(key_id, data)

    mechanism = SignedDigestAlgorithm({"algorithm": "sha256_rsa"})
    made: Signer = _orderly(KmsSigner)(
        signing_cert=certificate, cert_registry=registry, signature_mechanism=mechanism
    )
    return made


def _kms_signature(key_id: str, data: bytes) -> bytes:
    """Return the signature of at most 4,096 bytes by a key in KMS. Raises `Unavailable`."""
    with aws_errors():
        answer = clients.client("kms").sign(
            KeyId=key_id,
            Message=data,
            MessageType="RAW",
            SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256",
        )
    return bytes(answer["Signature"])


def _orderly(kind: Any) -> Any:
    """Return a subclass of this signer that writes its certificates in the order of DER sets: by their encodings.

    pyHanko 0.38 takes them from a Python set, so their order would differ each time.
    """

    class Orderly(kind):  # type: ignore[misc, unused-ignore]
        def _package_signature(self, **parts: Any) -> Any:
            from asn1crypto.cms import CertificateSet

            packed = super()._package_signature(**parts)
            held = sorted(packed["content"]["certificates"], key=lambda entry: entry.dump())
            packed["content"]["certificates"] = CertificateSet(held)
            return packed

    return Orderly
