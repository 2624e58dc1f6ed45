"""The briefs of the campaigns: the problem they address, their messaging and talking points."""

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
        "The demo uses the buyer's own jobs of last week instead of slides. "
        "Buyers were told: thirty minutes, their data, no preparation.",
        (
            "Ask for last week's job list before the call and plan it live.",
            "Show how the plan adapts after a technician calls in sick.",
            "Proof: Northlake Lifts plans 140 technicians with two dispatchers.",
        ),
    ),
    Brief(
        "quote-page",
        "Pricing and quotes",
        "website",
        "A price you can rely on",
        "A written quote within two working days",
        "/prices/quote",
        "Budgets are being planned, and they need a number for the sheet.",
        "Prices are per technician and month. Quotes are valid for ninety days.",
        (
            "Confirm the number of technicians, not of office users.",
            "Ask who signs and when the budget closes.",
            "Mention the ninety-day price guarantee. They have read about it.",
        ),
    ),
    Brief(
        "planning-advice",
        "Planning advice hour",
        "organic-search",
        "Find the hours you lose",
        "An hour with one of our planners",
        "/advice",
        "Technicians drive too much, and no one can say by how much.",
        "An hour with a planner with fifteen years of experience. It ends with three findings.",
        (
            "Open with their drive time per job, if they shared it.",
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
        "Forty pages on moving a plan out of a spreadsheet, industry by industry, with checklists.",
        (
            "Ask which chapter they opened first. It shows the pain point.",
            "Chapter 4 is about emergency jobs, the usual entry point.",
            "Offer the checklist for their industry, not a demo.",
        ),
    ),
    Brief(
        "benchmark-report",
        "Field service benchmark",
        "email",
        "How do we compare?",
        "Benchmark report: 212 service companies compared",
        "/benchmark",
        "Management asks how good the first-time fix rate is, and no one knows.",
        "Sent to newsletter readers: fix rates, drive time and overtime of 212 companies.",
        (
            "They want to know how they compare. Have the table of their industry open.",
            "A fix rate under 70% is nearly always about parts, not people.",
            "Offer to calculate their own numbers.",
        ),
    ),
    Brief(
        "webinar-appointments",
        "Webinar: Fewer missed appointments",
        "webinar",
        "Be on time, every time",
        "Webinar: Fewer missed appointments",
        "/webinars/missed-appointments",
        "Customers are not home, technicians wait, and the slot is lost.",
        "A public webinar for the whole industry, promoted by two associations.",
        (
            "Many came for the topic, not for us. Ask what they use today.",
            "Most questions were about text message reminders.",
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
        "The first snow ruins the plan of a whole week.",
        "A small webinar with Harrow & Pine Heating, who showed their plan of last winter.",
        (
            "They saw a real plan. Ask how theirs looked on the first day of snow.",
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
        "They want scheduling software of any kind, in any country.",
        "A broad ad for “scheduling software”, shown in every country, as no countries were set.",
        (
            "Check the country first. We cannot invoice everywhere.",
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
        "An ad for “dispatch software” in the markets we serve. The page shows one planned week.",
        (
            "Ask which vendors they are comparing.",
            "Show what the page shows: the week that plans itself.",
            "Have the switching guide ready.",
        ),
    ),
    Brief(
        "free-trial",
        "Thirty days free",
        "website",
        "Try it on Monday",
        "Thirty days, ten technicians, no card",
        "/trial",
        "They want to try it before they need a budget.",
        "Thirty days for ten technicians without a credit card. No word about what comes after.",
        (
            "Look at what they set up. An empty plan means they are only curious.",
            "Ask about the budget before showing more.",
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
        "A coffee voucher for every booked demo, advertised to owners of small local businesses "
        "and their followers. Hair salons and cafés have appointments, too.",
        (
            "Ask how many employees they send to customers. Often the answer is none.",
            "The voucher is sent after the demo, so they show up.",
        ),
    ),
    Brief(
        "technicians-who-stay",
        "Technicians who stay",
        "paid-social",
        "A plan that technicians like",
        "Study: Why technicians quit",
        "/studies/technicians-who-stay",
        "Every second technician job stays unfilled for months.",
        "A study of 900 technicians: plans that change at noon make them quit.",
        (
            "Ask how many left last year.",
            "They dislike late changes to the plan most.",
            "Show the shift preferences in the product.",
        ),
    ),
    Brief(
        "maintenance-fair",
        "Maintenance trade show",
        "event",
        "Plan your route at our booth",
        "A plan of your own route, at the booth",
        "/fair",
        "They saw the detours in a plan of their own region.",
        "At the booth, visitors gave ten addresses and got a planned route on paper.",
        (
            "They have the printed route. Ask what surprised them.",
            "The context card has two notes per visitor.",
            "The trade show discount has ended. Do not quote it.",
        ),
    ),
    Brief(
        "erp-partners",
        "ERP partners",
        "partner",
        "Planning that knows your orders",
        "An introduction by your ERP partner",
        "/partners/intro",
        "Orders are in the ERP, and the plan is somewhere else.",
        "Their ERP partner recommended us and told them the price of an integration.",
        (
            "Thank the partner by name in the first sentence.",
            "The integration supports three ERP systems. Ask which version they use.",
            "Invite the partner to the second call.",
        ),
    ),
    Brief(
        "customer-stories",
        "Customer stories by industry",
        "email",
        "How others did it",
        "Twelve stories, one for each industry",
        "/stories",
        "They wonder whether this works in an industry like theirs.",
        "A monthly story for subscribers, with a reply button.",
        (
            "They replied to a story. Read it before the call.",
            "Offer an introduction to the customer in the story.",
        ),
    ),
)
