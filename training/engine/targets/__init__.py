"""What a net learns: pictures computed from labels."""
