"""Every AI-supported decision passes here: checked in the same step that gives it its index, made durable, then answered."""
