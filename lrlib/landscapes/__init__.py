"""What is descended: formulas, and everything that looks like one."""
