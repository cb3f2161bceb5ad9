"""The site as files: every page that does not depend on its visitor, made once and served without the application."""
