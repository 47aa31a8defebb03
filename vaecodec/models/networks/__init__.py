"""What the networks of all architectures share, in PyTorch; only training needs it."""
