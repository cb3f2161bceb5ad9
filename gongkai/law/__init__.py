"""Law: calendar, clock, packs and the fold. Pure Python: no Django, no clock of its own, no database."""
