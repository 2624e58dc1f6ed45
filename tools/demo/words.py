"""Names and sentences of the demo. All of them are made up; hosts and numbers are reserved ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


FIRST_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "europe": words(
        "Anna Lukas Sophie Felix Marie Jan Lena Paul Clara Matthias Johanna Stefan Katrin Niklas "
        "Birgit Emma Oliver Charlotte Harry Claire Julien Camille Antoine Sanne Daan Fleur Bram "
        "Astrid Erik Ingrid Elsa Gustav Miriam Tobias Heike Ruben Noor Isabel Hugo Margot"
    ),
    "americas": words(
        "Emily Michael Ashley Tyler Jessica Brandon Megan Kevin Rachel Andre Monica Derek Lauren "
        "Carlos Danielle Trevor Nicole Jamal Heather Scott Vanessa Greg Tiffany Malik Olivia Evan "
        "Stephanie Curtis Allison Diego Kayla Warren Hannah Terrence Brooke Nolan"
    ),
    "asia_pacific": words(
        "Mei Jun Hui Kavya Arjun Siti Farid Priya Daniel Chloe Liam Isla Jack Ruby Ethan Aroha "
        "Xin Yong Rajesh Deepa Hafiz Nurul Amelia Lachlan Georgia Mason Tane Kiri Benedict Suresh"
    ),
    "elsewhere": words(
        "Thiago Larissa Rafael Bruna Mehmet Elif Emre Zeynep Sipho Lerato Thabo Naledi Budi Dewi "
        "Agus Putri Gabriel Juliana Can Aylin Pieter Zanele Rizky Indah"
    ),
}
LAST_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "europe": words(
        "Becker Hoffmann Krüger Lehmann Sommer Vogel Winter Bauer Seidel Brandt Kaiser Lorenz "
        "Baker Hughes Carter Ellis Marsh Thornton Dubois Laurent Moreau Girard Visser Bakker "
        "Mulder Jansen Lindgren Berglund Nyström Holm Steiner Gruber Huber Meier Frei Keller"
    ),
    "americas": words(
        "Anderson Brooks Coleman Dawson Ellison Fletcher Garrett Hayes Ingram Jennings Keller "
        "Lawson Monroe Norris Osborne Parker Quinn Ramirez Sanders Tucker Underwood Vasquez Walker "
        "Yates Zimmerman Boyd Chambers Delgado Farrell Gibson Holloway Mendez"
    ),
    "asia_pacific": words(
        "Tan Lim Lee Ng Wong Goh Chua Teo Nair Pillai Menon Iyer Rahman Ismail Hassan Campbell "
        "Fraser Mitchell Robertson Walsh Harper Sinclair Parata Ngata Bennett Gallagher Chan Koh"
    ),
    "elsewhere": words(
        "Almeida Barbosa Cardoso Ferreira Ribeiro Yılmaz Demir Kaya Arslan Dlamini Mokoena Nkosi "
        "Naidoo Santoso Wijaya Pratama Hidayat Teixeira Öztürk Botha Khumalo Saputra"
    ),
}
COUNTRIES: Final[Mapping[str, tuple[str, ...]]] = {
    "europe": words("DE DE DE DE AT CH NL NL GB GB GB FR FR SE"),
    "americas": words("US US US US US US CA"),
    "asia_pacific": words("SG SG SG AU AU AU NZ"),
    "elsewhere": words("BR BR BR TR TR ZA ID"),
}
# Numbers set aside for fiction by those who give numbers out; elsewhere nobody gives one.
PHONES: Final[Mapping[str, tuple[str, ...]]] = {
    "DE": ("+493023125{:03}", "+494066969{:03}", "+496990009{:03}", "+498999998{:03}"),
    "GB": ("+44207946{:04}", "+44161496{:04}", "+44117496{:04}"),
    "FR": ("+3319900{:04}", "+3326191{:04}"),
    "US": ("+1212555{:04}", "+1312555{:04}", "+1415555{:04}", "+1617555{:04}", "+1503555{:04}"),
    "CA": ("+1416555{:04}", "+1604555{:04}"),
    "AU": ("+6125550{:04}", "+6137010{:04}"),
}
PHONE_RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "DE": (0, 999),
    "GB": (0, 999),
    "FR": (0, 9_999),
    "US": (100, 199),
    "CA": (100, 199),
    "AU": (0, 9_999),
}
COMPANY_STEMS: Final = words(
    "Alder Amber Anchor Arbor Ashford Aster Beacon Birch Blackwood Bluefin Boreal Bramble Bridge "
    "Bright Brook Calder Canyon Cascade Cedar Chester Cinder Clear Clover Coast Compass Copper "
    "Coral Crest Crown Delta Driftwood Eastgate Elm Ember Fairway Falcon Fern Field Flint Forge "
    "Foxglove Garnet Glacier Granite Grove Halden Harbor Harrow Haven Hawthorn Hazel Heron Hill "
    "Hollow Iron Ivory Juniper Kestrel Keystone Lake Lantern Larch Laurel Linden Lowland Lumen "
    "Maple Marble Meadow Meridian Mill Monarch Moor North Oak Onyx Orchard Osprey Otter Pearl "
    "Pebble Pine Pioneer Quarry Raven Redwood Ridge River Rowan Saffron Sage Sandstone Shore "
    "Silver Slate Sparrow Spring Sterling Stone Summit Swift Thistle Timber Tundra Union Vale "
    "Verdant Vista Walnut Westbrook Whitfield Willow Windmill Yarrow"
)
TRADES: Final[Mapping[str, tuple[str, ...]]] = {
    "Heating and cooling": ("Heating", "Climate", "Air Systems"),
    "Lifts and escalators": ("Lifts", "Elevators"),
    "Facility management": ("Facilities", "Building Services"),
    "Medical equipment": ("Medical Service", "Meditech"),
    "Utilities": ("Utilities", "Power Grid", "Water Works"),
    "Industrial cleaning": ("Cleaning", "Hygiene"),
    "Fire protection": ("Fire Safety", "Protect"),
    "Telecommunications": ("Networks", "Fibre"),
    "Renewable energy": ("Solar", "Wind Service"),
    "Machinery service": ("Machinery", "Hydraulics"),
}
OTHER_TRADES: Final[Mapping[str, tuple[str, ...]]] = {
    "Hairdressing": ("Hair", "Salon"),
    "Hospitality": ("Café", "Kitchen"),
    "Personal training": ("Fitness", "Yoga"),
    "Marketing agency": ("Media", "Studio"),
    "Retail": ("Flowers", "Interiors"),
    "Tutoring": ("Learning", "Tutors"),
}
COMPANY_FORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "DE": (" GmbH", " AG", " GmbH & Co. KG"),
    "AT": (" GmbH",),
    "CH": (" AG",),
    "NL": (" B.V.",),
    "GB": (" Ltd", " Group"),
    "FR": (" SA", " SAS"),
    "SE": (" AB",),
    "US": (" Inc.", " LLC", ""),
    "CA": (" Inc.",),
    "SG": (" Pte. Ltd.",),
    "AU": (" Pty Ltd",),
    "NZ": (" Ltd",),
}
DECIDERS: Final = (
    ("Managing Director", "c_level"),
    ("COO", "c_level"),
    ("CEO", "c_level"),
    ("VP Operations", "vp"),
    ("VP Customer Service", "vp"),
    ("Head of Field Service", "director"),
    ("Director of Operations", "director"),
    ("Head of Dispatch", "director"),
    ("Service Director", "director"),
    ("Service Manager", "manager"),
    ("Operations Manager", "manager"),
)
OTHERS: Final = (
    ("Dispatcher", ""),
    ("Planning Assistant", "staff"),
    ("Field Technician", "staff"),
    ("Business Analyst", "staff"),
    ("Executive Assistant", "staff"),
    ("Intern, Operations", "intern"),
    ("Student", "student"),
    ("Team Assistant", "staff"),
    ("Account Manager", "staff"),
)
OWNERS: Final = (("Owner", "c_level"), ("Founder", "c_level"), ("Studio Manager", "manager"))
PERSONAS: Final[Mapping[str, str]] = {
    "c_level": "Owner of the result",
    "vp": "Head of operations",
    "director": "Head of operations",
    "manager": "Service manager",
}
PRODUCTS: Final = ("Planning board", "Route planning", "Technician app", "Customer messages")
PROBLEMS: Final = lines(
    """
    Our dispatchers re-plan half the day whenever somebody calls in sick.
    We miss about one appointment in eight, and customers have begun to leave.
    The plan is a spreadsheet on one laptop. When Gerd is on holiday, nobody dares touch it.
    We doubled the number of technicians in two years and still plan with magnets.
    Drive time eats a third of the day and nobody can show me where.
    Our new contract asks for proof of arrival times. We have none.
    Emergency jobs push the maintenance visits out, and now we are behind on the legal checks.
    Two companies were merged and plan in two different systems.
    Technicians get their jobs by phone in the morning; changes reach them too late.
    We pay overtime every January because the winter plan is made in November.
    Parts are missing on every fourth visit, so we drive twice.
    Our ERP knows the orders, the plan does not. We type everything again.
    Customers ask when we come, and the honest answer is: some time on Tuesday.
    The auditor wants a record of who was where. We keep paper.
    We lose young technicians because the plan changes at noon.
    We are opening a third branch in spring and cannot copy the planner.
    The current vendor stops the product at the end of the year.
    We need skills in the plan: not everybody may work on gas.
    """
)
WHY: Final = lines(
    """
    Named a date by which it has to work.
    Came back to the prices three times in a week.
    Fits the profile, and asked for a call in their own words.
    The vendor they have is ending the product.
    Two people of the same company were here this month.
    Opening a branch; the plan has to scale by spring.
    Was introduced by a customer.
    Asked about the interface to their ERP.
    """
)
READ: Final = lines(
    """
    read the page on emergency jobs twice
    looked at prices and at the switching guide
    opened the story of a company in the same trade
    watched eleven minutes of the recording
    sent the page to two colleagues
    """
)
BUDGETS: Final = lines(
    """
    Budget set aside for this year, up to 40,000
    Decided in the next budget round
    About 600 a month is thinkable
    Depends on the saving we can show
    """
)
REACHED_NOTES: Final = lines(
    """
    Good talk, twelve technicians today, twenty by autumn. Wants to see emergency jobs.
    Spoke with her between two meetings; asked for the switching guide.
    Uses a spreadsheet and is tired of it. Next call with the head of dispatch.
    Knows the benchmark. Wants to know where they stand.
    Friendly, and clear about what hurts: missed appointments.
    Compares with two others. Decision is made by three people.
    Has to convince the works council first; sent the note on location data.
    Asked for a reference in the same trade.
    """
)
MISSED_NOTES: Final = lines(
    """
    Rang out twice.
    Left a message on the machine, with the offer they came from.
    The front desk says: in meetings until Thursday.
    Sent three lines and the checklist for their trade.
    No answer; tried the mobile number, too.
    Out of office until next week.
    Answered the phone, was driving, asked me to write.
    """
)
BOUNCED_NOTES: Final = lines(
    """
    Mail came back: no such mailbox.
    The number is not in service.
    Number belongs to a bakery.
    """
)
REJECTION_NOTES: Final[Mapping[str, tuple[str, ...]]] = {
    "not_icp": lines(
        """
        Nobody works in the field; they take appointments at a counter.
        Three people and one van.
        We cannot invoice there, and have no support hours.
        Came for the voucher. No technicians.
        A salon. Nice people.
        Agency looking for a calendar widget.
        """
    ),
    "no_budget": lines(
        """
        Project was cut last week.
        Wants it for free beyond the trial.
        Nothing before the next fiscal year.
        Likes it, has 50 a month.
        """
    ),
    "no_authority": lines(
        """
        Writes a paper for the boss, who has not asked for one.
        Technician who wants a better plan; could not name who decides.
        Intern collecting brochures.
        """
    ),
    "bad_timing": lines(
        """
        ERP goes live first; again in nine months.
        New director of operations starts in autumn.
        Contract with the other vendor runs until next summer.
        """
    ),
    "duplicate": lines(
        """
        We are already talking to her colleague.
        Same company, open with us since last month.
        """
    ),
    "unresponsive": lines(
        """
        Calls and mails over two weeks, no answer.
        Never picked up, never wrote back.
        """
    ),
    "bad_data": lines(
        """
        Mailbox does not exist.
        Number of somebody else, no company of that name.
        Name is “asdf”.
        """
    ),
}
