"""Context snapshots that are not shipped: loaded by the operator, or an organisation's own."""
