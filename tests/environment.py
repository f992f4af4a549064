"""The variables that the functions find on AWS, with the names of the test cloud."""

import os

TABLES = {"ACCOUNTS_TABLE": "AccountsTable", "EXAMS_TABLE": "ExamsTable"}
TABLES |= {"ATTEMPTS_TABLE": "AttemptsTable", "PASSING_TABLE": "PassingTable"}
TABLES |= {"CASES_TABLE": "CasesTable", "RESULTS_TABLE": "ResultsTable"}
TABLES |= {"OPERATORS_TABLE": "OperatorsTable"}
BUCKETS = {"PRIVATE_BUCKET": "PrivateBucket", "PAPERS_BUCKET": "PapersBucket"}
BUCKETS |= {"DROPBOX_BUCKET": "DropboxBucket", "EVIDENCE_BUCKET": "EvidenceBucket"}
ENVIRONMENT = {
    **{variable: logical.lower() for variable, logical in (TABLES | BUCKETS).items()},
    "SNAPSHOT_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/SnapshotUploads",
    "WEBHOOK_QUEUE_URL": "https://sqs.us-east-1.amazonaws.com/123456789012/WebhookDeliveries",
    "SECRET_ID": "app-secret",
    "SIGNING_SECRET_ID": "signing-secret",
    "EVIDENCE_KEY_ID": "0e51de4c-0000-4000-8000-000000000001",
    "STAGE": "local",
    "SESSION_COOKIE": "session",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
}


def set_environment() -> None:
    """What the template gives the functions. Set before anything of the product is imported."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(ENVIRONMENT)
