from django.urls import path
from django.views.generic import RedirectView

from workspace import data_quality, home, notices, queues
from workspace.campaigns import views as campaigns
from workspace.colleagues import views as colleagues
from workspace.companies import views as companies
from workspace.contacts import views as contacts
from workspace.inbox import views as inbox
from workspace.lead import contact, notes
from workspace.lead import views as lead
from workspace.leads import actions, adding, saved_views
from workspace.leads import views as leads
from workspace.returned import views as returned
from workspace.search import views as search
from workspace.team import views as team

app_name = "workspace"
urlpatterns = [
    path("", home.home, name="home"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/after/<int:pk>/", inbox.next_lead, name="next_lead"),
    path("queues/", queues.queues, name="queues"),
    path("leads/", leads.leads, name="leads"),
    path("leads/act/", actions.act_on_leads, name="act_on_leads"),
    path("leads/act/preview/", actions.preview_action, name="preview_action"),
    path("leads/display/", saved_views.choose_display, name="choose_display"),
    path("leads/views/", saved_views.add_view, name="add_view"),
    path("leads/views/<int:pk>/", saved_views.change_view, name="change_view"),
    path("leads/new/", adding.add_lead, name="add_lead"),
    path("leads/new/known/", adding.show_known_contacts, name="known_contacts"),
    path("leads/export.csv", leads.export, name="export_leads"),
    path("leads/<int:pk>/", lead.lead, name="lead"),
    path("leads/<int:pk>/card/", lead.edit_card, name="edit_card"),
    path("leads/<int:pk>/contact/", contact.edit_contact, name="edit_contact"),
    path("leads/<int:pk>/notes/", notes.add_note, name="add_note"),
    path("leads/<int:pk>/people/", notes.people, name="lead_people"),
    path("leads/<int:pk>/complete/", lead.complete, name="complete"),
    path("leads/<int:pk>/reverse/", lead.reverse_deal, name="reverse"),
    path("handoffs/<int:pk>/accept/", lead.accept, name="accept"),
    path("handoffs/<int:pk>/reject/", lead.reject, name="reject"),
    path("handoffs/<int:pk>/cannot-evaluate/", lead.cannot_evaluate, name="cannot_evaluate"),
    path("handoffs/<int:pk>/undo/", lead.undo, name="undo_answer"),
    path("handoffs/<int:pk>/attempt/", lead.attempt, name="attempt"),
    path("handoffs/<int:pk>/advance/", lead.advance, name="advance"),
    path("search/", search.search, name="search"),
    path("search/options/", search.options, name="search_options"),
    path("search/try-lead/", search.try_lead, name="try_lead"),
    path("campaigns/<int:pk>/", campaigns.campaign, name="campaign"),
    path("campaigns/<int:pk>/brief/", campaigns.edit_brief, name="edit_brief"),
    path("contacts/<int:pk>/", contacts.contact, name="contact"),
    path("companies/<int:pk>/", companies.company, name="company"),
    path("people/<int:pk>/", colleagues.person, name="person"),
    path("data-quality/", data_quality.data_quality, name="data_quality"),
    path("data-quality/keep/<int:pk>/", data_quality.keep_created, name="keep_created"),
    path("data-quality/value/", data_quality.set_aside_value, name="set_aside_value"),
    path("returned/", returned.returned, name="returned"),
    path("team/", team.team, name="team"),
    path("team/reassign/", team.reassign, name="reassign"),
    path("team/absences/", team.add_absence, name="add_absence"),
    path("team/absences/<int:pk>/edit/", team.edit_absence, name="edit_absence"),
    path("team/absences/<int:pk>/cover/", team.set_cover, name="set_cover"),
    path("team/absences/<int:pk>/end/", team.remove_absence, name="end_absence"),
    path("desk/", RedirectView.as_view(pattern_name="workspace:team", permanent=True)),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.read_notices, name="read_notices"),
]
