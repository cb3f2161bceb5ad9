"""The ledger's verbs of the command line: calendar, packs, clauses, what-if replay, and the ledger itself."""
