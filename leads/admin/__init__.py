from leads.admin import contacts, content, scoring, systems, values

__all__ = ["contacts", "content", "scoring", "systems", "values"]
