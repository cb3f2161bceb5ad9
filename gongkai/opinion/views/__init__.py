"""The screens of opinion."""
