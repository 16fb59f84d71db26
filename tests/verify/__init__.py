"""What ``make verify`` measures: each technique of verification, its figure and its goal."""
