from leads.admin import contacts, content, scoring, values

__all__ = ["contacts", "content", "scoring", "values"]
