"""The register: systems, records, gates, decisions, acts and what they let the gateway allow."""
