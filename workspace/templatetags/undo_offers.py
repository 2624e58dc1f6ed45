from django import template

from workspace.lead.undo_offers import undo_offer

register = template.Library()
# {% with offer=message|undo_offer %}: None, or href, until and handoff_id of the answer to undo.
register.filter("undo_offer", undo_offer)
