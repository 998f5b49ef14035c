"""What is known of an issue's past, and at what price."""
