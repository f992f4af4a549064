"""The embedded cloud: one command runs on this machine what AWS runs in production.

    python -m infra.local --port 8000

Emulator (tables, buckets, queues) · functions in processes of their own · HTTP front · event
dispatcher · a clock that can be moved forward. See docs/embedded-cloud.md.
"""
