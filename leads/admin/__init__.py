from leads.admin import content, scoring, values

__all__ = ["content", "scoring", "values"]
