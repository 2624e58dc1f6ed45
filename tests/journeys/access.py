"""Expected status codes of every address of the product, one line for each method.

`in` stands for a redirect to sign-in. `other` is a rep of another team, and so is `before`, the
previous owner of the lead, whose answers redirect to a page that names the current one. `owner` is
the handoff owner, `no_role` has no role yet, `left` was deactivated during a session.
"""

from typing import Final

WHO: Final = (
    *("stranger", "rep", "other", "before", "manager", "marketer", "owner", "operations"),
    *("leader", "no_role", "left"),
)

# stranger, rep, other, before, manager, marketer, owner, operations, leader, no_role, left
PAGES: Final = """
health/live/              GET   200 200 200 200 200 200 200 200 200 200 200
health/live/              POST  405 405 405 405 405 405 405 405 405 405 405
health/ready/             GET   200 200 200 200 200 200 200 200 200 200 200
health/ready/             POST  405 405 405 405 405 405 405 405 405 405 405
health/workers/           GET   200 200 200 200 200 200 200 200 200 200 200
health/workers/           POST  405 405 405 405 405 405 405 405 405 405 405
api:key                   GET   401 401 401 401 401 401 401 401 401 401 401
api:key                   POST  401 401 401 401 401 401 401 401 401 401 401
api:leads                 GET   401 401 401 401 401 401 401 401 401 401 401
api:leads                 POST  401 401 401 401 401 401 401 401 401 401 401
api:lead                  GET   401 401 401 401 401 401 401 401 401 401 401
api:lead                  POST  401 401 401 401 401 401 401 401 401 401 401
api:touches               GET   401 401 401 401 401 401 401 401 401 401 401
api:touches               POST  401 401 401 401 401 401 401 401 401 401 401
api/v1/touches            GET   401 401 401 401 401 401 401 401 401 401 401
api/v1/touches            POST  401 401 401 401 401 401 401 401 401 401 401
api:schema                GET   200 200 200 200 200 200 200 200 200 200 200
api:schema                POST  405 405 405 405 405 405 405 405 405 405 405
api:docs                  GET   200 200 200 200 200 200 200 200 200 200 200
api:docs                  POST  405 405 405 405 405 405 405 405 405 405 405
api:guide                 GET   200 200 200 200 200 200 200 200 200 200 200
api:guide                 POST  405 405 405 405 405 405 405 405 405 405 405
api:problems              GET   200 200 200 200 200 200 200 200 200 200 200
api:problems              POST  405 405 405 405 405 405 405 405 405 405 405
api:problem               GET   200 200 200 200 200 200 200 200 200 200 200
api:problem               POST  405 405 405 405 405 405 405 405 405 405 405
admin:index               GET   in  403 403 403 403 302 200 200 403 403 in
admin:index               POST  in  403 403 403 403 302 200 200 403 403 in
admin:login               GET   in  in  in  in  in  in  in  in  in  in  in
admin:login               POST  in  in  in  in  in  in  in  in  in  in  in
workspace:home            GET   in  302 302 302 302 302 302 302 302 200 in
workspace:home            POST  in  405 405 405 405 405 405 405 405 405 in
people:sign_in            GET   200 302 302 302 302 302 302 302 302 302 200
people:sign_in            POST  200 302 302 302 302 302 302 302 302 302 200
people:account            GET   in  200 200 200 200 200 200 200 200 200 in
people:account            POST  in  405 405 405 405 405 405 405 405 405 in
people:cancel_email       GET   in  302 302 302 302 302 302 302 302 302 in
people:cancel_email       POST  in  302 302 302 302 302 302 302 302 302 in
people:confirm_email      GET   in  410 410 410 410 410 410 410 410 410 in
people:confirm_email      POST  in  410 410 410 410 410 410 410 410 410 in
people:save_section       GET   in  302 302 302 302 302 302 302 302 302 in
people:save_section       POST  in  302 302 302 302 302 302 302 302 302 in
password/                 GET   301 301 301 301 301 301 301 301 301 301 301
password/                 POST  405 405 405 405 405 405 405 405 405 405 405
time-zone/                GET   301 301 301 301 301 301 301 301 301 301 301
time-zone/                POST  405 405 405 405 405 405 405 405 405 405 405
people:forgot_password    GET   200 200 200 200 200 200 200 200 200 200 200
people:forgot_password    POST  200 200 200 200 200 200 200 200 200 200 200
people:choose_password    GET   200 200 200 200 200 200 200 200 200 200 200
people:choose_password    POST  200 200 200 200 200 200 200 200 200 200 200
workspace:notices         GET   in  200 200 200 200 200 200 200 200 200 in
workspace:notices         POST  in  405 405 405 405 405 405 405 405 405 in
workspace:read_notices    GET   in  302 302 302 302 302 302 302 302 302 in
workspace:read_notices    POST  in  302 302 302 302 302 302 302 302 302 in
workspace:search          GET   in  200 200 200 200 200 200 200 200 200 in
workspace:search          POST  in  405 405 405 405 405 405 405 405 405 in
workspace:search_options  GET   in  200 200 200 200 200 200 200 200 200 in
workspace:search_options  POST  in  405 405 405 405 405 405 405 405 405 in
workspace:try_lead        GET   in  403 403 403 403 403 302 302 403 403 in
workspace:try_lead        POST  in  403 403 403 403 403 405 405 403 403 in
workspace:leads           GET   in  200 200 200 200 200 200 200 200 403 in
workspace:leads           POST  in  405 405 405 405 405 405 405 405 403 in
workspace:returned        GET   in  403 403 403 403 200 200 403 403 403 in
workspace:returned        POST  in  403 403 403 403 405 405 403 403 403 in
workspace:data_quality    GET   in  403 403 403 403 200 200 200 403 403 in
workspace:data_quality    POST  in  403 403 403 403 405 405 405 403 403 in
workspace:keep_created    GET   in  403 403 403 403 302 302 302 403 403 in
workspace:keep_created    POST  in  403 403 403 403 302 302 302 403 403 in
workspace:set_aside_value GET   in  403 403 403 403 302 302 302 403 403 in
workspace:set_aside_value POST  in  403 403 403 403 302 302 302 403 403 in
workspace:add_lead        GET   in  200 200 200 200 200 200 200 403 403 in
workspace:add_lead        POST  in  422 422 422 422 422 422 422 403 403 in
workspace:known_contacts  GET   in  302 302 302 302 302 302 302 403 403 in
workspace:known_contacts  POST  in  200 200 200 200 200 200 200 403 403 in
workspace:act_on_leads    GET   in  403 403 403 403 302 302 403 403 403 in
workspace:act_on_leads    POST  in  403 403 403 403 302 302 403 403 403 in
workspace:preview_action  GET   in  302 302 302 302 302 302 302 302 403 in
workspace:preview_action  POST  in  302 302 302 302 302 302 302 302 403 in
workspace:choose_display  GET   in  302 302 302 302 302 302 302 302 403 in
workspace:choose_display  POST  in  302 302 302 302 302 302 302 302 403 in
workspace:add_view        GET   in  302 302 302 302 302 302 302 302 403 in
workspace:add_view        POST  in  302 302 302 302 302 302 302 302 403 in
workspace:change_view     GET   in  302 302 302 302 302 302 302 302 403 in
workspace:change_view     POST  in  302 302 302 302 302 302 302 302 403 in
workspace:export_leads    GET   in  200 200 200 200 200 200 200 200 403 in
workspace:export_leads    POST  in  405 405 405 405 405 405 405 405 403 in
workspace:inbox           GET   in  200 200 200 200 403 403 403 403 403 in
workspace:inbox           POST  in  405 405 405 405 403 403 403 403 403 in
workspace:next_lead       GET   in  302 302 302 302 403 403 403 403 403 in
workspace:next_lead       POST  in  405 405 405 405 403 403 403 403 403 in
workspace:queues          GET   in  200 200 200 200 403 200 200 403 403 in
workspace:queues          POST  in  405 405 405 405 403 405 405 403 403 in
workspace:team            GET   in  403 403 403 200 403 200 403 200 403 in
workspace:team            POST  in  403 403 403 405 403 405 403 405 403 in
desk/                     GET   301 301 301 301 301 301 301 301 301 301 301
desk/                     POST  301 301 301 301 301 301 301 301 301 301 301
workspace:reassign        GET   in  403 403 403 302 403 403 403 403 403 in
workspace:reassign        POST  in  403 403 403 302 403 403 403 403 403 in
workspace:add_absence     GET   in  403 403 403 302 403 403 403 403 403 in
workspace:add_absence     POST  in  403 403 403 422 403 403 403 403 403 in
workspace:edit_absence    GET   in  403 403 403 302 403 403 403 403 403 in
workspace:edit_absence    POST  in  403 403 403 302 403 403 403 403 403 in
workspace:set_cover       GET   in  302 302 302 302 403 403 403 403 403 in
workspace:set_cover       POST  in  302 403 403 302 403 403 403 403 403 in
workspace:end_absence     GET   in  403 403 403 302 403 403 403 403 403 in
workspace:end_absence     POST  in  403 403 403 302 403 403 403 403 403 in
workspace:lead            GET   in  200 404 200 200 200 200 200 200 404 in
workspace:lead            POST  in  405 405 405 405 405 405 405 405 405 in
workspace:contact         GET   in  200 404 200 200 200 200 200 200 403 in
workspace:contact         POST  in  405 405 405 405 405 405 405 405 403 in
workspace:company         GET   in  200 404 200 200 200 200 200 200 403 in
workspace:company         POST  in  405 405 405 405 405 405 405 405 403 in
workspace:person          GET   in  200 200 200 200 200 200 200 200 403 in
workspace:person          POST  in  405 405 405 405 405 405 405 405 403 in
workspace:campaign        GET   in  200 200 200 200 200 200 200 200 403 in
workspace:campaign        POST  in  405 405 405 405 405 405 405 405 403 in
workspace:edit_brief      GET   in  403 403 403 403 302 403 403 403 403 in
workspace:edit_brief      POST  in  403 403 403 403 422 403 403 403 403 in
workspace:edit_card       GET   in  403 403 403 403 302 302 403 403 403 in
workspace:edit_card       POST  in  403 403 403 403 302 302 403 403 403 in
workspace:edit_contact    GET   in  200 404 200 200 200 200 200 403 403 in
workspace:edit_contact    POST  in  422 404 422 422 422 422 422 403 403 in
workspace:add_note        GET   in  302 302 302 302 302 302 302 302 403 in
workspace:add_note        POST  in  422 404 422 422 422 422 422 422 403 in
workspace:lead_people     GET   in  200 404 200 200 200 200 200 200 403 in
workspace:lead_people     POST  in  405 405 405 405 405 405 405 405 403 in
workspace:complete        GET   in  403 403 403 403 302 302 403 403 403 in
workspace:complete        POST  in  403 403 403 403 302 302 403 403 403 in
workspace:accept          GET   in  302 302 302 302 403 403 403 403 403 in
workspace:accept          POST  in  302 404 302 302 403 403 403 403 403 in
workspace:reject          GET   in  302 302 302 302 403 403 403 403 403 in
workspace:reject          POST  in  302 404 302 302 403 403 403 403 403 in
workspace:cannot_evaluate GET   in  302 302 302 302 403 403 403 403 403 in
workspace:cannot_evaluate POST  in  302 404 302 302 403 403 403 403 403 in
workspace:undo_answer     GET   in  302 302 302 302 403 403 403 403 403 in
workspace:undo_answer     POST  in  302 404 302 302 403 403 403 403 403 in
workspace:attempt         GET   in  302 302 302 302 403 403 403 403 403 in
workspace:attempt         POST  in  302 404 302 302 403 403 403 403 403 in
workspace:advance         GET   in  302 302 302 302 403 403 403 403 403 in
workspace:advance         POST  in  302 404 404 302 403 403 403 403 403 in
workspace:reverse         GET   in  403 403 403 302 403 403 302 403 403 in
workspace:reverse         POST  in  403 403 403 302 403 403 302 403 403 in
reporting:overview        GET   in  200 200 200 200 200 200 200 200 403 in
reporting:overview        POST  in  405 405 405 405 405 405 405 405 405 in
reporting:funnel          GET   in  200 200 200 200 200 200 200 200 403 in
reporting:funnel          POST  in  405 405 405 405 405 405 405 405 405 in
reporting:sources         GET   in  200 200 200 200 200 200 200 200 403 in
reporting:sources         POST  in  405 405 405 405 405 405 405 405 405 in
reporting:rejections      GET   in  200 200 200 200 200 200 200 200 403 in
reporting:rejections      POST  in  405 405 405 405 405 405 405 405 405 in
reporting:speed           GET   in  200 200 200 200 200 200 200 200 403 in
reporting:speed           POST  in  405 405 405 405 405 405 405 405 405 in
reporting:leads           GET   in  200 200 200 200 200 200 200 200 403 in
reporting:leads           POST  in  405 405 405 405 405 405 405 405 405 in
people:sign_out           GET   302 302 302 302 302 302 302 302 302 302 302
people:sign_out           POST  in  in  in  in  in  in  in  in  in  in  in
"""

# Operations' GET and POST, the owner's and the marketer's. Strangers are asked to sign in; who
# holds rights on some rows but is not let into the admin is refused. Versions are drafts here.
ASKS_ADMIN: Final = ("stranger", "manager", "operations", "owner", "marketer")
ADMIN: Final = """
admin:search                                      200 200 200 200 200 200
admin:logout                                      302 in  302 in  302 in
admin:password_change                             200 200 200 200 200 200
admin:password_change_done                        200 405 200 405 200 405
admin:autocomplete                                403 405 403 405 403 405
admin:jsi18n                                      200 405 200 405 200 405
admin:view_on_site                                404 404 404 404 404 404
admin:auth_user_password_change                   200 200 403 403 403 403
admin:people_user_set_password                    302 302 403 403 403 403
admin:people_user_invite                          302 302 403 403 403 403
admin:people_user_changelist                      200 200 200 200 403 403
admin:people_user_add                             200 200 403 403 403 403
admin:people_user_history                         200 200 200 200 403 403
admin:people_user_delete                          403 403 403 403 403 403
admin:people_user_change                          200 200 200 403 403 403
admin/people/user/<path:object_id>/               302 302 302 302 302 302
admin:people_team_changelist                      200 200 200 200 403 403
admin:people_team_add                             200 200 403 403 403 403
admin:people_team_history                         200 200 200 200 403 403
admin:people_team_delete                          403 403 403 403 403 403
admin:people_team_change                          200 200 200 403 403 403
admin/people/team/<path:object_id>/               302 302 302 302 302 302
admin:people_workcalendar_changelist              200 200 200 200 403 403
admin:people_workcalendar_add                     200 200 403 403 403 403
admin:people_workcalendar_history                 200 200 200 200 403 403
admin:people_workcalendar_delete                  403 403 403 403 403 403
admin:people_workcalendar_change                  200 200 200 403 403 403
admin/people/workcalendar/<path:object_id>/       302 302 302 302 302 302
admin:people_absence_changelist                   200 200 403 403 403 403
admin:people_absence_add                          200 200 403 403 403 403
admin:people_absence_history                      200 200 403 403 403 403
admin:people_absence_delete                       200 200 403 403 403 403
admin:people_absence_change                       200 200 403 403 403 403
admin/people/absence/<path:object_id>/            302 302 302 302 302 302
admin:leads_leadtype_changelist                   200 302 200 302 200 302
admin:leads_leadtype_add                          200 200 403 403 403 403
admin:leads_leadtype_history                      200 200 200 200 200 200
admin:leads_leadtype_delete                       403 403 403 403 403 403
admin:leads_leadtype_change                       200 200 200 403 200 403
admin/leads/leadtype/<path:object_id>/            302 302 302 302 302 302
admin:leads_touchkindrule_changelist              200 200 200 200 403 403
admin:leads_touchkindrule_add                     200 200 403 403 403 403
admin:leads_touchkindrule_history                 200 200 200 200 403 403
admin:leads_touchkindrule_delete                  403 403 403 403 403 403
admin:leads_touchkindrule_change                  200 200 200 403 403 403
admin/leads/touchkindrule/<path:object_id>/       302 302 302 302 302 302
admin:leads_source_changelist                     200 200 200 200 200 200
admin:leads_source_add                            200 200 403 403 403 403
admin:leads_source_history                        200 200 200 200 200 200
admin:leads_source_delete                         403 403 403 403 403 403
admin:leads_source_change                         200 200 200 403 200 403
admin/leads/source/<path:object_id>/              302 302 302 302 302 302
admin:leads_sourcesystem_changelist               200 200 200 200 200 200
admin:leads_sourcesystem_add                      200 200 403 403 403 403
admin:leads_sourcesystem_history                  200 200 200 200 200 200
admin:leads_sourcesystem_delete                   403 403 403 403 403 403
admin:leads_sourcesystem_change                   200 200 200 403 200 403
admin/leads/sourcesystem/<path:object_id>/        302 302 302 302 302 302
admin:leads_campaign_changelist                   200 200 200 200 200 200
admin:leads_campaign_add                          200 200 403 403 200 200
admin:leads_campaign_history                      200 200 200 200 200 200
admin:leads_campaign_delete                       403 403 403 403 403 403
admin:leads_campaign_change                       200 200 200 403 200 200
admin/leads/campaign/<path:object_id>/            302 302 302 302 302 302
admin:leads_company_changelist                    200 200 403 403 200 200
admin:leads_company_add                           403 403 403 403 403 403
admin:leads_company_history                       200 200 403 403 200 200
admin:leads_company_delete                        403 403 403 403 403 403
admin:leads_company_change                        200 200 403 403 200 200
admin/leads/company/<path:object_id>/             302 302 302 302 302 302
admin:leads_contact_changelist                    200 200 403 403 200 200
admin:leads_contact_add                           403 403 403 403 403 403
admin:leads_contact_history                       200 200 403 403 200 200
admin:leads_contact_delete                        403 403 403 403 403 403
admin:leads_contact_change                        200 200 403 403 200 200
admin/leads/contact/<path:object_id>/             302 302 302 302 302 302
admin:leads_titlephrases_changelist               200 200 200 200 403 403
admin:leads_titlephrases_add                      200 200 403 403 403 403
admin:leads_titlephrases_history                  200 200 200 200 403 403
admin:leads_titlephrases_delete                   200 200 403 403 403 403
admin:leads_titlephrases_change                   200 200 200 403 403 403
admin/leads/titlephrases/<path:object_id>/        302 302 302 302 302 302
admin:leads_maildomain_changelist                 200 200 200 200 403 403
admin:leads_maildomain_add                        200 200 403 403 403 403
admin:leads_maildomain_history                    200 200 200 200 403 403
admin:leads_maildomain_delete                     200 200 403 403 403 403
admin:leads_maildomain_change                     200 200 200 403 403 403
admin/leads/maildomain/<path:object_id>/          302 302 302 302 302 302
admin:leads_stagedefinition_publish               200 302 200 302 403 403
admin:leads_stagedefinition_copy                  403 403 403 403 403 403
admin:leads_stagedefinition_changelist            200 200 200 200 403 403
admin:leads_stagedefinition_add                   403 403 403 403 403 403
admin:leads_stagedefinition_history               200 200 200 200 403 403
admin:leads_stagedefinition_delete                200 200 403 403 403 403
admin:leads_stagedefinition_change                200 200 200 403 403 403
admin/leads/stagedefinition/<path:object_id>/     302 302 302 302 302 302
admin:leads_scoringmodel_try_lead                 200 200 200 200 403 403
admin:leads_scoringmodel_moved_leads              200 200 200 200 403 403
admin:leads_scoringmodel_publish                  200 422 200 422 403 403
admin:leads_scoringmodel_copy                     403 403 403 403 403 403
admin:leads_scoringmodel_changelist               200 200 200 200 403 403
admin:leads_scoringmodel_add                      403 403 403 403 403 403
admin:leads_scoringmodel_history                  200 200 200 200 403 403
admin:leads_scoringmodel_delete                   200 200 403 403 403 403
admin:leads_scoringmodel_change                   200 302 200 403 403 403
admin/leads/scoringmodel/<path:object_id>/        302 302 302 302 302 302
admin:handoff_slapolicy_timers                    200 200 200 200 403 403
admin:handoff_slapolicy_publish                   200 422 200 422 403 403
admin:handoff_slapolicy_copy                      403 403 403 403 403 403
admin:handoff_slapolicy_changelist                200 200 200 200 403 403
admin:handoff_slapolicy_add                       403 403 403 403 403 403
admin:handoff_slapolicy_history                   200 200 200 200 403 403
admin:handoff_slapolicy_delete                    200 200 403 403 403 403
admin:handoff_slapolicy_change                    200 302 200 403 403 403
admin/handoff/slapolicy/<path:object_id>/         302 302 302 302 302 302
admin:handoff_ruleset_try_lead                    200 200 200 200 403 403
admin:handoff_ruleset_copy                        403 403 403 403 403 403
admin:handoff_ruleset_publish                     200 422 200 422 403 403
admin:handoff_ruleset_changelist                  200 200 200 200 403 403
admin:handoff_ruleset_add                         403 403 403 403 403 403
admin:handoff_ruleset_history                     200 200 200 200 403 403
admin:handoff_ruleset_delete                      200 200 403 403 403 403
admin:handoff_ruleset_change                      200 302 200 403 403 403
admin/handoff/ruleset/<path:object_id>/           302 302 302 302 302 302
admin:handoff_routingrule_changelist              302 302 302 302 403 403
admin:handoff_routingrule_add                     302 302 403 403 403 403
admin:handoff_routingrule_history                 200 200 200 200 403 403
admin:handoff_routingrule_delete                  302 302 403 403 403 403
admin:handoff_routingrule_change                  200 422 200 403 403 403
admin:handoff_routingrule_move                    302 302 403 403 403 403
admin:handoff_routingrule_duplicate               302 302 403 403 403 403
admin:handoff_routingrule_switch                  302 302 403 403 403 403
admin/handoff/routingrule/<path:object_id>/       302 302 302 302 302 302
admin:api_apikey_revoke                           200 302 403 403 403 403
admin:api_apikey_changelist                       200 200 403 403 403 403
admin:api_apikey_add                              200 200 403 403 403 403
admin:api_apikey_history                          200 200 403 403 403 403
admin:api_apikey_delete                           403 403 403 403 403 403
admin:api_apikey_change                           200 200 403 403 403 403
admin/api/apikey/<path:object_id>/                302 302 302 302 302 302
admin:handoff_lossreason_move                     302 302 403 403 403 403
admin:handoff_lossreason_switch                   302 302 403 403 403 403
admin:handoff_lossreason_changelist               200 200 200 200 403 403
admin:handoff_lossreason_add                      200 200 403 403 403 403
admin:handoff_lossreason_history                  200 200 200 200 403 403
admin:handoff_lossreason_delete                   403 403 403 403 403 403
admin:handoff_lossreason_change                   200 200 200 403 403 403
admin/handoff/lossreason/<path:object_id>/        302 302 302 302 302 302
admin:handoff_reversalreason_move                 302 302 403 403 403 403
admin:handoff_reversalreason_switch               302 302 403 403 403 403
admin:handoff_reversalreason_changelist           200 200 200 200 403 403
admin:handoff_reversalreason_add                  200 200 403 403 403 403
admin:handoff_reversalreason_history              200 200 200 200 403 403
admin:handoff_reversalreason_delete               403 403 403 403 403 403
admin:handoff_reversalreason_change               200 200 200 403 403 403
admin/handoff/reversalreason/<path:object_id>/    302 302 302 302 302 302
admin:handoff_rejectionreason_move                302 302 403 403 403 403
admin:handoff_rejectionreason_switch              302 302 403 403 403 403
admin:handoff_rejectionreason_changelist          200 200 200 200 403 403
admin:handoff_rejectionreason_add                 200 200 403 403 403 403
admin:handoff_rejectionreason_history             200 200 200 200 403 403
admin:handoff_rejectionreason_delete              403 403 403 403 403 403
admin:handoff_rejectionreason_change              200 200 200 403 403 403
admin/handoff/rejectionreason/<path:object_id>/   302 302 302 302 302 302
admin:app_list                                    404 404 404 404 404 404
admin/(?P<url>.*)$                                404 404 404 404 404 404
"""

# The fields of each form; forms that are not here are sent empty.
TYPED: Final = {
    "people:save_section": {"name": "Nia Novak"},
    "workspace:reject": {"reason": "bad_timing"},
    "workspace:cannot_evaluate": {"missing": "contact.has_phone"},
    "workspace:attempt": {
        "channel": "call",
        "outcome": "reached",
        "occurred_at": "2026-11-02T09:03",
    },
    "workspace:advance": {"to": "sql"},
    "workspace:complete": {"contact-has_phone": "+49 30 901820"},
}
