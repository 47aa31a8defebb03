"""The architecture of the shipped models: hyper-latent, and latent in two groups."""
