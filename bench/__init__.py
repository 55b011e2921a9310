"""Speed ratios, each within one run: a ratio survives a busy machine, a time does not."""
