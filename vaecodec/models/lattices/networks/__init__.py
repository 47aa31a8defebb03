"""The networks of lattices in PyTorch, for training and export."""
