from handoff.admin import policies, reasons, rule_sets, rules, teams, users

__all__ = ["policies", "reasons", "rule_sets", "rules", "teams", "users"]
