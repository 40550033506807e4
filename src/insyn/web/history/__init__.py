"""What a register entry said, revision by revision, at permanent addresses."""
