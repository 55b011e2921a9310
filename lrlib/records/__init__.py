"""Recorded runs: experiments, the files they leave, the command."""
