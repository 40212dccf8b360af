"""What the service and its tests need, and the tool that pins it."""
