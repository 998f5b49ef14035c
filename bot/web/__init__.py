"""The door: GitHub's deliveries, health, figures. It stores and answers; it never does the work itself."""
