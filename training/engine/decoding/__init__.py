"""From what a net says back to labels."""
