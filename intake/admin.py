"""API keys: made here, shown once, revoked here."""
