"""The networks of this architecture in PyTorch: training and export."""
