"""The public site: the register as residents read it, the published log, and the pages about both."""
