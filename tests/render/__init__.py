"""The words: readable in both languages, and inert whatever the data holds."""
