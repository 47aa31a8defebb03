"""The measure for the eye, and its slope, for senders that search."""
