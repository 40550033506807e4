"""Classification in the register: questions in plain words, a draft to come back to, and the result as it was recorded."""
