"""What runs the float networks of a model file."""
