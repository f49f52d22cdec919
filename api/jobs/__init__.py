"""Jobs: enqueued in the transaction of the change that calls for them, done at least once, with an effect that counts once.

Invariant: a job carries opaque ids only; its table has no tenant, so nothing else may stand in it.
"""
