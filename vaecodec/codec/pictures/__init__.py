"""Picture files and arrays <-> samples and metadata."""
