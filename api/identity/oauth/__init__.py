"""The authorization server: Authlib's, with the traps of its generic core closed."""
