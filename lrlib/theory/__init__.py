"""What each source states, as printed and as corrected."""
