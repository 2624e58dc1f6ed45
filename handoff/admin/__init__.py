from handoff.admin import policies, reasons, rules, teams

__all__ = ["policies", "reasons", "rules", "teams"]
