"""Names and sentences of the demo. All are made up, and hosts and numbers are reserved."""

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
# Numbers that regulators reserve for fiction. Contacts of other countries have no phone.
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
    "Elevators and escalators": ("Lifts", "Elevators"),
    "Facility management": ("Facilities", "Building Services"),
    "Medical equipment": ("Medical Service", "Meditech"),
    "Utilities": ("Utilities", "Power Grid", "Water Works"),
    "Industrial cleaning": ("Cleaning", "Hygiene"),
    "Fire protection": ("Fire Safety", "Protect"),
    "Telecommunications": ("Networks", "Fiber"),
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
DECISION_MAKERS: Final = (
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
OTHER_TITLES: Final = (
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
    "c_level": "Economic buyer",
    "vp": "Head of operations",
    "director": "Head of operations",
    "manager": "Service manager",
}
PRODUCTS: Final = ("Planning board", "Route planning", "Technician app", "Customer messages")
PROBLEMS: Final = lines(
    """
    Our dispatchers replan half the day whenever a technician calls in sick.
    We miss about one appointment in eight, and customers are starting to leave.
    The plan is a spreadsheet on one laptop. When Gerd is on vacation, no one dares to touch it.
    We doubled the number of technicians in two years and still plan with magnets.
    Drive time eats a third of the day, and no one can show me where.
    Our new contract requires proof of arrival times. We have none.
    Emergency jobs push maintenance visits out, and we are behind on mandatory inspections.
    Two merged companies still plan in two different systems.
    Technicians get their jobs by phone in the morning, and changes reach them too late.
    We pay overtime every January, because the winter plan is made in November.
    Parts are missing on every fourth visit, so we drive there twice.
    Orders are in our ERP, but not in the plan. We type everything twice.
    Customers ask when we will come, and the honest answer is “sometime on Tuesday”.
    The auditor wants to know where each technician was. We have it on paper only.
    We lose young technicians, because the plan changes at noon.
    We are opening a third branch in spring and cannot copy the planner.
    Our current vendor discontinues the product at the end of the year.
    We need skills in the plan. Not every technician may work on gas.
    """
)
WHY: Final = lines(
    """
    Named a date by which it must work.
    Visited the pricing page three times in a week.
    Fits the profile and asked for a call in their own words.
    Their vendor is discontinuing the product.
    Two people from the same company were here this month.
    Opening a branch. The plan has to scale by spring.
    Referred by a customer.
    Asked about the integration with their ERP.
    """
)
READ: Final = lines(
    """
    read the page on emergency jobs twice
    read the pricing page and the switching guide
    opened a customer story from the same industry
    watched eleven minutes of the recording
    shared the page with two colleagues
    """
)
BUDGETS: Final = lines(
    """
    Budget approved for this year, up to 40,000
    To be decided in the next budget round
    About 600 a month is realistic
    Depends on the savings we can show
    """
)
REACHED_NOTES: Final = lines(
    """
    Good call. Twelve technicians today, twenty by fall. Wants to see emergency jobs.
    Spoke with her between two meetings. She asked for the switching guide.
    Tired of the spreadsheet. Next call with the head of dispatch.
    Read the benchmark. Wants to know how they compare.
    Friendly and clear about the pain point: missed appointments.
    Compares us with two other vendors. Three people decide.
    Needs the works council first. Sent the note on location data.
    Asked for a reference in the same industry.
    """
)
MISSED_NOTES: Final = lines(
    """
    No answer, called twice.
    Left a voicemail about the offer they responded to.
    Receptionist says in meetings until Thursday.
    Sent a short email with the checklist for their industry.
    No answer. Tried the cell phone, too.
    Out of office until next week.
    Picked up while driving and asked me to email.
    """
)
BOUNCED_NOTES: Final = lines(
    """
    Email bounced: no such mailbox.
    Number not in service.
    Number belongs to a bakery.
    """
)
REJECTION_NOTES: Final[Mapping[str, tuple[str, ...]]] = {
    "not_icp": lines(
        """
        No field staff. Customers come to their counter.
        Three employees and one van.
        We cannot invoice there and have no support hours.
        Came for the voucher. No technicians.
        Hair salon. Nice people, but no field staff.
        Agency looking for a calendar widget.
        """
    ),
    "no_budget": lines(
        """
        Project was cut last week.
        Wants to keep it free after the trial.
        Nothing before the next fiscal year.
        Likes it, but has only 50 a month.
        """
    ),
    "no_authority": lines(
        """
        Researching on their own. The boss has not asked for it.
        Technician who wants a better plan. Could not name the decision maker.
        Intern collecting brochures.
        """
    ),
    "bad_timing": lines(
        """
        ERP goes live first. Call again in nine months.
        New director of operations starts in the fall.
        Contract with another vendor runs until next summer.
        """
    ),
    "duplicate": lines(
        """
        We are already talking to her colleague.
        Same company, already open since last month.
        """
    ),
    "unresponsive": lines(
        """
        Calls and emails over two weeks without an answer.
        Never picked up and never replied.
        """
    ),
    "bad_data": lines(
        """
        Mailbox does not exist.
        Wrong number, and no company of that name.
        Name is “asdf”.
        """
    ),
}
RELEASE_NOTE: Final = "They asked twice, and they have technicians in the field now."
