"""Stop, resume and the review of proposals: where people keep the last word."""
