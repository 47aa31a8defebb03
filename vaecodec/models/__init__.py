"""Models: what the house asks of one, their files, and a folder per architecture."""
