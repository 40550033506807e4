"""The transparency log: hashes, tiles, notes, checkpoints, proofs and their verification. Knows nothing else of Insyn."""
