"""SQLite as Django speaks to it, for few questions asked very often; `base` is what settings name as the engine."""
