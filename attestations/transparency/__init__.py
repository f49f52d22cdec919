"""The transparency log: a Merkle tree whose heads are signed, so that nothing that was issued can be taken back unseen.

Invariants: pure functions over hashes and bytes; nothing here stores, fetches or tells the time.
"""
