"""Sending text messages (SMS) by the provider that the settings name."""
