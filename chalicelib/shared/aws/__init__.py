"""The short way to AWS for what every request needs: DynamoDB and secrets by signed JSON, and links of S3.

    calls.call ── account (credentials, region, address) ── signing ── sending ── retrying

It does what a boto3 client does for these calls, by botocore's own credentials and signature, without its models of
services. Everything else goes through `clients.client` (docs/decisions/0054-dynamodb-without-a-client.md).
"""
