"""The delegation list, deviations from principles, and evaluations."""
