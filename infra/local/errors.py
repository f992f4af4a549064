"""What stops the launcher, in a sentence that says what to do."""


class LaunchError(Exception):
    """The embedded cloud cannot start or go on; the message is shown as it is."""
