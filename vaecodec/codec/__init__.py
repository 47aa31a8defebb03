"""Image <-> file bytes."""
