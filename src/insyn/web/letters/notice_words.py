"""The words of notices, in both languages: what helps, with what, who decides, and how one reaches a human."""

from __future__ import annotations

from insyn.core.terms import Mode, NoticeChannel
from insyn.core.text import Text

#: Which step a system helps with, when nobody has said it closer.
MODE_STEPS = {Mode.SUPPORT: "proposal", Mode.AUTOMATED: "decision", Mode.ADVICE: "advice"}
STEPS = {
    "reading": Text("att läsa och sortera det som kommer in", "reading and sorting what comes in"),
    "proposal": Text("ett förslag till beslut", "a proposal for a decision"),
    "decision": Text("själva beslutet", "the decision itself"),
    "advice": Text("råd till den som arbetar med ärendet", "advice to whoever works with the case"),
    "answer": Text("att svara på frågor", "answering questions"),
    "writing": Text("att skriva text", "writing text"),
    "summary": Text("att korta ner text", "summing up text"),
    "translation": Text("att översätta", "translating"),
    "transcription": Text("att skriva ner det som sägs", "writing down what is said"),
}

HELPS = {
    NoticeChannel.FORM: Text(
        "Vi har hjälp av AI när vi läser det du skickar in. Systemet heter {name}. Det hjälper till med {step}.",
        "AI helps us when we read what you send in. The system is called {name}. It helps with {step}.",
    ),
    NoticeChannel.LETTER: Text(
        "AI har hjälpt till i ditt ärende. Systemet heter {name}. Det hjälpte till med {step}.",
        "AI has helped in your case. The system is called {name}. It helped with {step}.",
    ),
    NoticeChannel.CALL: Text(
        "Hej. Innan vi börjar vill jag berätta att vi använder AI. Systemet heter {name}. Det hjälper till med {step}.",
        "Hello. Before we begin I want to tell you that we use AI. The system is called {name}. It helps with {step}.",
    ),
    NoticeChannel.CHAT: Text(
        "Du skriver nu med ett datorprogram och inte med en människa. Det heter {name} och är AI. Det hjälper till med {step}.",
        "You are writing with a computer program now and not with a person. It is called {name} and is AI. It helps with {step}.",
    ),
    NoticeChannel.MEETING: Text(
        "Vi använder AI på det här mötet. Systemet heter {name}. Det hjälper till med {step}. Säg till om du inte vill det.",
        "We use AI at this meeting. The system is called {name}. It helps with {step}. Tell us if you do not want it.",
    ),
    NoticeChannel.TRANSLATION: Text(
        "Texten är översatt med hjälp av AI. Systemet heter {name}. Det kan bli fel. Säg till om något är konstigt.",
        "This text was translated with the help of AI. The system is called {name}. It may be wrong. Tell us if something is odd.",
    ),
    NoticeChannel.FILE_NOTE: Text(
        "Den här texten är skriven med hjälp av AI. Systemet heter {name}. Det hjälpte till med {step}. Den som skrev under har läst den.",
        "This note was written with the help of AI. The system is called {name}. It helped with {step}. Whoever signed it has read it.",
    ),
    NoticeChannel.WEB_TEXT: Text(
        "AI har hjälpt till med den här texten. Systemet heter {name}. Det hjälpte till med {step}.",
        "AI has helped with this text. The system is called {name}. It helped with {step}.",
    ),
}
WHO = {
    Mode.AUTOMATED: Text(
        "Systemet kan besluta själv. Du kan alltid be att en människa tittar.",
        "The system may decide by itself. You can always ask that a person looks at it.",
    ),
    Mode.SUPPORT: Text("En människa beslutar.", "A person decides."),
    Mode.ADVICE: Text("En människa ansvarar för svaret.", "A person answers for the result."),
}
WRITTEN = Text(
    "Läs mer: {address} Vill du tala med en människa? Hör av dig till oss på {office}, {municipality}.",
    "Read more: {address} Do you want to talk to a person? Contact {office}, {municipality}.",
)
SPOKEN = Text(
    "Du kan läsa mer på {spoken}. Vill du hellre tala med en människa utan AI? Säg det, så ordnar vi det.",
    "You can read more at {spoken}. Would you rather talk to a person without AI? Say so, and we arrange it.",
)
SAID = frozenset({NoticeChannel.CALL, NoticeChannel.MEETING})
EASY = Text(
    "Vi använder AI.\nAI är ett datorprogram.\nProgrammet heter {name}.\nDet hjälper oss med {step}.\n{who}\n"
    "Vill du tala med en människa?\nSäg det till oss.\nVi heter {office}.\nDu kan läsa mer här:\n{address}",
    "We use AI.\nAI is a computer program.\nThe program is called {name}.\nIt helps us with {step}.\n{who}\n"
    "Do you want to talk to a person?\nTell us.\nWe are {office}.\nYou can read more here:\n{address}",
)
