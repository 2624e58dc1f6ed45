from leads.admin import content, scoring

__all__ = ["content", "scoring"]
