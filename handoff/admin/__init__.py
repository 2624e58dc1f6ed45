from handoff.admin import policies, rules, teams

__all__ = ["policies", "rules", "teams"]
