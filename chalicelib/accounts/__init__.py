"""Who signs in: phones, codes, sessions, consents."""
