"""The policies, each by tables of cases and by properties that hold for any issue."""
