"""The architecture with four latent steps and an exact receiver."""
