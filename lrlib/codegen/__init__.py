"""A formula in every language: printers, compiled loops, random numbers."""
