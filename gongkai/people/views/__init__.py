"""Find, ask, act, show: the pages of people."""
