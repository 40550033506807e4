"""Who can sign in at the provider. The numbers check, and belong to nobody: the Tax Agency gives such for tests."""

from __future__ import annotations

from dataclasses import dataclass

CLIENT, SECRET = "insyn-prov", "en-hemlighet-som-bara-provet-har"
PERSONAL = "https://id.oidc.se/claim/personalIdentityNumber"
COORDINATION = "https://id.oidc.se/claim/coordinationNumber"


@dataclass(frozen=True)
class Person:
    """``claims`` as the provider tells them."""

    name: str
    claims: dict[str, str]

    @property
    def number(self) -> str:
        return next(iter(self.claims.values()), "")


PERSONS = {
    "anna": Person("Anna, som de flesta", {PERSONAL: "198112189876"}),
    "bengt": Person("Bengt, någon annan", {PERSONAL: "197010032394"}),
    "elsa": Person("Elsa, över hundra år", {PERSONAL: "191212121212"}),
    "sami": Person("Sami, med samordningsnummer", {COORDINATION: "197010632391"}),
    "okand": Person("Någon vars födelsedag ingen känner", {COORDINATION: "198100601239"}),
    "noel": Person("Noel, ett barn", {PERSONAL: "201701102384"}),
    "skydd": Person("Någon med skyddade uppgifter", {PERSONAL: "198507099805"}),
    "tom": Person("Ingen uppgift alls", {}),
    "fel": Person("Något som inte är ett nummer", {PERSONAL: "19811218-0000"}),
}
