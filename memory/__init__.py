"""What is remembered, how well, for how long. Owns the database."""
