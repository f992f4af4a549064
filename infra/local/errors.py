"""The error that stops the launcher."""


class LaunchError(Exception):
    """The embedded cloud cannot start or continue. The user sees the message, so it says what to do."""
