"""Gongkai 公开: the openness desk of a local government."""

__version__ = "0.1.0"
