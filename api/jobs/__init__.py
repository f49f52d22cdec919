"""Jobs: enqueued in the transaction of the change that calls for them, done at least once, with effect once.

Invariant: a job carries opaque ids only; its table has no tenant, so nothing else may stand in it.
"""
