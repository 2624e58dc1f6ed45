from handoff.admin import policies, rules

__all__ = ["policies", "rules"]
