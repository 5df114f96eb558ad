"""Click-to-segment: a small net that answers points and boxes with a mask, its training, export and use."""
