"""The offices of Lindvalla and the people who hold them. All invented; likeness with anybody is chance."""

from __future__ import annotations

from dataclasses import dataclass

from insyn.core.terms import Role

MUNICIPALITY = "Lindvalla kommun"


@dataclass(frozen=True)
class OfficeOf:
    """An office: short name, Swedish and English name, kind, and the office that it belongs to."""

    slug: str
    sv: str
    en: str
    kind: str
    parent: str = ""


@dataclass(frozen=True)
class PersonOf:
    """A person with sign-in name, and each role with the office that it is held in."""

    username: str
    first: str
    last: str
    roles: tuple[tuple[Role, str], ...]

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"


OFFICES = (
    OfficeOf("kommunfullmaktige", "Kommunfullmäktige", "Municipal council", "council"),
    OfficeOf("kommunstyrelsen", "Kommunstyrelsen", "Municipal executive board", "board", "kommunfullmaktige"),
    OfficeOf("socialnamnden", "Socialnämnden", "Social welfare board", "board", "kommunfullmaktige"),
    OfficeOf("bildningsnamnden", "Bildningsnämnden", "Education board", "board", "kommunfullmaktige"),
    OfficeOf("samhallsbyggnadsnamnden", "Samhällsbyggnadsnämnden", "Community planning board", "board", "kommunfullmaktige"),
    OfficeOf("kommunledningskontoret", "Kommunledningskontoret", "Executive office", "administration", "kommunstyrelsen"),
    OfficeOf("socialforvaltningen", "Socialförvaltningen", "Social services", "administration", "socialnamnden"),
    OfficeOf("bildningsforvaltningen", "Bildningsförvaltningen", "Education services", "administration", "bildningsnamnden"),
    OfficeOf("bostadslan", "Enheten för bostadslån", "Housing loans unit", "administration", "samhallsbyggnadsnamnden"),
    OfficeOf("gatukontoret", "Gatukontoret", "Streets and traffic office", "administration", "samhallsbyggnadsnamnden"),
    OfficeOf("revisionen", "Kommunrevisionen", "Municipal auditors", "council", "kommunfullmaktige"),
    OfficeOf("vision", "Vision Lindvalla", "Vision union, Lindvalla", "union"),
    OfficeOf("akademikerna", "Akademikerförbundet Lindvalla", "Union of graduates, Lindvalla", "union"),
)

ADMINISTRATOR = PersonOf("nina", "Nina", "Kaurin", ((Role.ADMINISTRATOR, "kommunledningskontoret"),))
SECRETARY = PersonOf("kerstin", "Kerstin", "Lindegård", ((Role.COUNCIL_SECRETARY, "kommunfullmaktige"),))
CHAIR = PersonOf("amira", "Amira", "Hadzic", ((Role.ELECTED_MEMBER, "samhallsbyggnadsnamnden"),))
OWNER = PersonOf("jonas", "Jonas", "Ekmark", ((Role.SYSTEM_OWNER, "bostadslan"),))
OTHER_OWNER = PersonOf("lotta", "Lotta", "Granfors", ((Role.SYSTEM_OWNER, "kommunledningskontoret"),))
STOP_HOLDER = PersonOf("sara", "Sara", "Nyhlén", ((Role.STOP_HOLDER, "bostadslan"),))
SUBSTITUTE = PersonOf("peter", "Peter", "Åkerlund", ((Role.STOP_HOLDER, "kommunledningskontoret"),))
OFFICER = PersonOf("leila", "Leila", "Farzan", ((Role.CASE_OFFICER, "bostadslan"),))
SECOND_OFFICER = PersonOf("mats", "Mats", "Öbrink", ((Role.CASE_OFFICER, "bostadslan"),))
UNION = PersonOf("ingrid", "Ingrid", "Holmdal", ((Role.UNION_REPRESENTATIVE, "vision"),))
SECOND_UNION = PersonOf("oskar", "Oskar", "Lindroth", ((Role.UNION_REPRESENTATIVE, "akademikerna"),))
SAFETY = PersonOf("tomas", "Tomas", "Wikarby", ((Role.SAFETY_REPRESENTATIVE, "vision"),))
DATA_PROTECTION = PersonOf("fatima", "Fatima", "Yusufi", ((Role.DATA_PROTECTION_OFFICER, "kommunledningskontoret"),))
COORDINATOR = PersonOf("erik", "Erik", "Sandbäck", ((Role.AI_COORDINATOR, "kommunledningskontoret"),))
SECURITY = PersonOf("hanna", "Hanna", "Berglöf", ((Role.INFORMATION_SECURITY, "kommunledningskontoret"),))
LEAD = PersonOf("maja", "Maja", "Törnqvist", ((Role.INVENTORY_LEAD, "bildningsforvaltningen"),))
SECOND_LEAD = PersonOf("rolf", "Rolf", "Hedlund", ((Role.INVENTORY_LEAD, "gatukontoret"),))
TECHNICIAN = PersonOf("ali", "Ali", "Rahimi", ((Role.TECHNICIAN, "kommunledningskontoret"),))
DELEGATE = PersonOf("birgitta", "Birgitta", "Sundelin", ((Role.DELEGATE, "socialforvaltningen"),))
AUDITOR = PersonOf("goran", "Göran", "Palmér", ((Role.AUDITOR, "revisionen"),))
RIGHTS_OFFICER = PersonOf("yasmin", "Yasmin", "Ekdahl", ((Role.RIGHTS_OFFICER, "kommunledningskontoret"),))

PEOPLE = (
    ADMINISTRATOR,
    SECRETARY,
    CHAIR,
    OWNER,
    OTHER_OWNER,
    STOP_HOLDER,
    SUBSTITUTE,
    OFFICER,
    SECOND_OFFICER,
    UNION,
    SECOND_UNION,
    SAFETY,
    DATA_PROTECTION,
    COORDINATOR,
    SECURITY,
    LEAD,
    SECOND_LEAD,
    TECHNICIAN,
    DELEGATE,
    AUDITOR,
    RIGHTS_OFFICER,
)

#: Who acts in a role when an act asks for one. Where two hold it, the first; ``second_in`` gives the other.
BY_ROLE: dict[Role, PersonOf] = {role: person for person in reversed(PEOPLE) for role, _ in person.roles}


def second_in(role: Role, *, not_person: PersonOf) -> PersonOf | None:
    """Another holder of the role, if there is one."""
    return next((person for person in PEOPLE if person is not not_person and role in {held for held, _ in person.roles}), None)
