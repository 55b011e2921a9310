"""What happens for ever: exponents, cycles, scans, Gibbs measures."""
