"""The networks of this architecture in PyTorch: trained here, exported to files."""
