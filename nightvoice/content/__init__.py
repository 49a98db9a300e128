"""What is said, asked and understood: data, checked at load."""
