"""The command line: `cytoloop up` and the loop in ten lines of shell."""
