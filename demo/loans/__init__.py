"""Lånestöd, the demonstration's own AI system: real loan applications, a model trained on half of them, and words for its factors."""
