"""The records of opinion: what is watched (`watch`), and the events people take up (`events`)."""
