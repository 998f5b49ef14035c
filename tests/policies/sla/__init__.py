"""The SLA: its clock, its calendar and what follows from them, by tables, by properties and by known bugs."""
