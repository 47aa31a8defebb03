"""What the sender may choose: symbols, and the quality that meets a target."""
