"""Training of models; nothing here is needed to compress or decompress."""
