"""The command line: everything that a person or a service manager starts."""
