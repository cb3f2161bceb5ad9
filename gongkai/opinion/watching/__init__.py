"""Getting what is said in public: politely fetched feeds, pages and mailboxes, and what others push. Nothing here writes."""
