"""The evidence store: entries, sealed payloads, record keys, facts, erasure, and the published log made from them."""
