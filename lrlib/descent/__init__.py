"""What happens: descent with and without noise, flows, outcomes."""
