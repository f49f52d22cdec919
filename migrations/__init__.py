"""The database schema as numbered steps (Alembic); they run forwards only, and a restore is the way back."""
