"""Who calls: organisations, their OAuth clients, access tokens."""
