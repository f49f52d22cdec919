"""The database: engines, transactions with a tenant, migrations, and the embedded server of a laptop."""
