"""`python -m infra.signing STACK`: give the signing key of a stack a certificate, if it has none yet.

The key is in KMS and never leaves it. Its certificate is issued by a root that is made for this one certificate and
whose own key is deleted at once. PDF readers have to trust the root, which this writes to a file. Somebody who
has a certificate of a public authority puts it into the secret instead (docs/certificates.md).
"""

import argparse
import datetime
import json
import sys
from pathlib import Path
from typing import Any, Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

YEARS = 10
ROOT_YEARS = 30
DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336


class Clients(Protocol):
    """Where AWS clients come from."""

    def client(self, service: str) -> Any:
        """The client of a service."""


def issue(
    public_key: rsa.RSAPublicKey, *, owner: str, since: datetime.datetime
) -> tuple[x509.Certificate, x509.Certificate]:
    """Return a certificate of this key for signing documents, and the new root that has issued it."""
    root_key = rsa.generate_private_key(public_exponent=65537, key_size=3072)
    root_name = _name(owner, "Kaochang Certificates Root")
    root = (
        _builder(root_name, root_name, root_key.public_key(), since, ROOT_YEARS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    leaf = (
        _builder(_name(owner, owner), root_name, public_key, since, YEARS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([DOCUMENT_SIGNING]), critical=False)
        .add_extension(issuer, critical=False)
        .sign(root_key, hashes.SHA256())
    )
    return leaf, root


def _name(owner: str, common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, owner),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: rsa.RSAPublicKey,
    since: datetime.datetime,
    years: int,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(since + datetime.timedelta(days=round(365.25 * years)))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=not signs_certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def pem(certificate: x509.Certificate) -> str:
    """A certificate as text."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def prepare(
    clients: Clients,
    *,
    key_id: str,
    secret_id: str,
    root_file: Path,
    owner: str = "考试平台运营方",
) -> bool:
    """Put a self-made certificate of the key into the secret, unless it has one. Returns True if it was made now."""
    secrets = clients.client("secretsmanager")
    held = json.loads(secrets.get_secret_value(SecretId=secret_id)["SecretString"])
    if held.get("certificate"):
        return False
    der = clients.client("kms").get_public_key(KeyId=key_id)["PublicKey"]
    key = serialization.load_der_public_key(der)
    if not isinstance(key, rsa.RSAPublicKey):
        raise TypeError("the signing key is no RSA key")
    # It begins a day earlier, for readers whose clock is slow.
    since = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    leaf, root = issue(key, owner=owner, since=since)
    text = json.dumps({"certificate": pem(leaf), "chain": [pem(root)]})
    root_file.write_text(pem(root))
    secrets.put_secret_value(SecretId=secret_id, SecretString=text)
    return True


class _Aws:
    def client(self, service: str) -> Any:
        import boto3

        return boto3.client(service)  # type: ignore[call-overload, unused-ignore]


def main() -> int:
    """Find key and secret of a stack, prepare them, and print what was done."""
    parser = argparse.ArgumentParser(prog="python -m infra.signing")
    parser.add_argument("stack", help="name of the CloudFormation stack")
    parser.add_argument("--owner", default="考试平台运营方", help="who issues the certificates")
    parser.add_argument("--root", type=Path, default=Path("certificates-root.pem"))
    given = parser.parse_args()
    aws = _Aws()
    listed = aws.client("cloudformation").describe_stack_resources(StackName=given.stack)
    ids = {r["LogicalResourceId"]: r["PhysicalResourceId"] for r in listed["StackResources"]}
    made = prepare(
        aws,
        key_id=ids["SigningKey"],
        secret_id=ids["SigningSecret"],
        root_file=given.root,
        owner=given.owner,
    )
    print(f"{given.root}: publish this root" if made else "the key has a certificate already")
    return 0


if __name__ == "__main__":
    sys.exit(main())
