"""Where tiles, windows and bands lie in an image."""
