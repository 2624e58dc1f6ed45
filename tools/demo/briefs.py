"""The briefs of the demo's campaigns: whom each speaks to, and what the buyer has been told."""

from __future__ import annotations

from typing import Final, NamedTuple


class Brief(NamedTuple):
    code: str
    name: str
    source: str
    theme: str
    offer: str
    landing_page: str
    problem: str
    messaging: str
    talking_points: tuple[str, ...]


BRIEFS: Final = (
    Brief(
        "demo-page",
        "Demo page",
        "website",
        "See it on your own jobs",
        "A 30-minute demo with your own jobs",
        "/demo",
        "Dispatchers plan by phone and whiteboard, and every canceled job costs half a day.",
        "The demo runs on last week's jobs of the buyer, so nobody sits through slides. "
        "They were told: thirty minutes, their data, no preparation.",
        (
            "Ask for last week's job list before the call and plan it live.",
            "Show the re-plan after a technician calls in sick.",
            "Proof: Northlake Lifts plans 140 technicians with two dispatchers.",
        ),
    ),
    Brief(
        "quote-page",
        "Prices and quotes",
        "website",
        "A price that holds",
        "A written quote within two working days",
        "/prices/quote",
        "The budget round is open and somebody has to put a figure in the sheet.",
        "Prices are per technician and month, and the quote holds for ninety days.",
        (
            "Confirm the number of technicians, not of office seats.",
            "Ask who signs and when the budget closes.",
            "Have the ninety-day promise ready; they have read it.",
        ),
    ),
    Brief(
        "planning-advice",
        "Planning advice hour",
        "organic-search",
        "Find the hours you lose",
        "An hour with a planner of ours",
        "/advice",
        "Technicians drive too much, and nobody can say how much too much is.",
        "An hour with somebody who planned tours for fifteen years; it ends with three findings.",
        (
            "Open with their drive time per job, if they gave it.",
            "Name one thing they can change without any software.",
            "Only then ask whether they want to see it planned.",
        ),
    ),
    Brief(
        "dispatch-guide",
        "Guide: Dispatch without spreadsheets",
        "organic-search",
        "Off the spreadsheet",
        "Guide: Dispatch without spreadsheets",
        "/guides/dispatch",
        "The plan lives in a spreadsheet that one person understands.",
        "Forty pages on moving a plan out of a spreadsheet, trade by trade, with checklists.",
        (
            "Ask which chapter they opened first; it tells what hurts.",
            "Chapter 4 is on emergency jobs: the usual way in.",
            "Offer the checklist for their trade, not a demo.",
        ),
    ),
    Brief(
        "benchmark-report",
        "Field service benchmark",
        "email",
        "How do we compare?",
        "Benchmark report: 212 service companies compared",
        "/benchmark",
        "Management asks whether first-visit fix rates are any good, and nobody knows.",
        "Sent to readers of the newsletter: fix rates, drive time and overtime of 212 companies.",
        (
            "They will want to know where they stand: have the table of their trade open.",
            "Fix rate under 70 % nearly always means parts, not people.",
            "Offer to run their own figures.",
        ),
    ),
    Brief(
        "webinar-appointments",
        "Webinar: Fewer missed appointments",
        "webinar",
        "Be there when you said",
        "Webinar: Fewer missed appointments",
        "/webinars/missed-appointments",
        "Customers are not in, technicians wait, and the slot is lost.",
        "An open webinar for the whole trade, promoted by two associations; anybody could join.",
        (
            "Many came for the topic, not for us: ask what they run today.",
            "The reminder by text message was the most asked question.",
            "Send the recording before you call.",
        ),
    ),
    Brief(
        "webinar-winter",
        "Webinar: Routes in winter",
        "webinar",
        "Plans that survive the weather",
        "Webinar: Routes in winter",
        "/webinars/winter-routes",
        "The first snow breaks the plan of a whole week.",
        "A small webinar with Harrow & Pine Heating, who showed their own plan of last winter.",
        (
            "They saw a real plan: ask how theirs looked on the first day of snow.",
            "Overtime in January is the number to get.",
            "Harrow & Pine take reference calls.",
        ),
    ),
    Brief(
        "search-worldwide",
        "Search ads, worldwide",
        "paid-search",
        "Scheduling software",
        "Scheduling for service teams",
        "/lp/scheduling",
        "They look for scheduling of any kind, anywhere.",
        "A broad ad on “scheduling software”, shown in every country for lack of a setting.",
        (
            "Check the country first: we cannot invoice everywhere.",
            "Ask whether technicians are in the field at all.",
        ),
    ),
    Brief(
        "search-dispatch",
        "Search ads: dispatch software",
        "paid-search",
        "Dispatch software that plans",
        "See your week planned",
        "/lp/dispatch",
        "They compare three products and want to see the difference quickly.",
        "An ad on “dispatch software” in the markets we serve; the page shows one planned week.",
        (
            "They are comparing: ask with whom.",
            "Show the one thing on the page: the week that plans itself.",
            "Have the switching guide at hand.",
        ),
    ),
    Brief(
        "free-trial",
        "Thirty days for free",
        "website",
        "Try it on Monday",
        "Thirty days, ten technicians, no card",
        "/trial",
        "They want to try before anybody asks for a budget.",
        "Thirty days for ten technicians without a card. Nothing was said about what comes after.",
        (
            "Look at what they set up; an empty plan means curiosity.",
            "Ask who would pay, before showing anything more.",
            "Offer to load their jobs on day three.",
        ),
    ),
    Brief(
        "coffee-demo",
        "A demo and a coffee on us",
        "paid-social",
        "Twenty minutes, one coffee",
        "A coffee voucher for every demo",
        "/lp/coffee",
        "Appointments run late and customers complain.",
        "A voucher for everybody who books a demo; shown to owners of small local businesses and "
        "their followers. Hairdressers and cafés have appointments, too.",
        (
            "Ask how many people they send out to customers. Often the answer is none.",
            "The voucher is sent after the demo, so they do turn up.",
        ),
    ),
    Brief(
        "technicians-who-stay",
        "Technicians who stay",
        "paid-social",
        "A plan people like to work by",
        "Study: Why technicians quit",
        "/studies/technicians-who-stay",
        "Every second job advertisement for technicians stays open for months.",
        "A study with 900 technicians: plans that change at noon drive them away.",
        (
            "Ask how many left last year.",
            "Late changes to the plan are what they hate most.",
            "Wishes for shifts are in the product; show them.",
        ),
    ),
    Brief(
        "maintenance-fair",
        "Maintenance fair",
        "event",
        "Come and plan your tour",
        "A plan of your own tour, at the stand",
        "/fair",
        "They stood before a plan of their own region and saw the detours.",
        "At the stand, visitors gave ten addresses and got a planned tour on paper.",
        (
            "They hold the printed tour: ask what surprised them.",
            "Two notes per visitor are on the card.",
            "The fair price ended last week of the month; do not quote it.",
        ),
    ),
    Brief(
        "erp-partners",
        "ERP partners",
        "partner",
        "Planning that knows your orders",
        "An introduction by your ERP partner",
        "/partners/intro",
        "Orders sit in the ERP and the plan sits elsewhere.",
        "Their ERP partner suggested us and has said what an integration costs.",
        (
            "Thank the partner by name in the first sentence.",
            "The interface is ready for three systems; ask which version they run.",
            "Bring the partner to the second call.",
        ),
    ),
    Brief(
        "customer-stories",
        "Customer stories by trade",
        "email",
        "How others did it",
        "Twelve stories, one for each trade",
        "/stories",
        "They wonder whether this works in a trade like theirs.",
        "A monthly story to subscribers; the answer button goes straight to us.",
        (
            "They answered a story: read the same one before the call.",
            "Offer to introduce the customer in it.",
        ),
    ),
)
