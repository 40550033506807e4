"""Letters about decisions, and notices that AI has helped: in plain language, Swedish first."""
