"""The journey in nine steps. Each step says what it does, does it through the same functions as the web, and can be run again."""
