"""The demonstration: one invented county with named people, the same that the tests live in."""
