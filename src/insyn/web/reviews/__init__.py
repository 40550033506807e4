"""The review that is a decision: what waits, who takes it, the case, the letter; the blind share and the exercises that show how people follow."""
