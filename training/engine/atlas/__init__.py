"""From the features of many cells to a map of them: vectors, neighbours, places, groups, outliers."""
