"""The networks in PyTorch: definition, training, export."""
