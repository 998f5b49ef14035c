"""Secrets out of texts that are passed on: what looks like a credential is replaced by its kind. Pure, in linear time.

A secret is known by its own form (tokens with a prefix, JSON web tokens, private keys, passwords in addresses), or by
the name that it is given (`api_key = ...`, `密码：...`). Placeholders stay (`ghp_xxxx`, `***`, `$TOKEN`,
`your-key-here`), and so do hashes and ids, which nobody calls a secret.

The forms are those that the issuers document; many are listed at
https://docs.github.com/code-security/reference/secret-security/supported-secret-scanning-patterns
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import re2

#: What a secret may be made of where its form has no rule of its own.
_VALUE = r"[A-Za-z0-9+/=_.~!@#%^&*-]"

#: Kinds by name, each with the pattern of the whole secret. Every repetition has an end, and is of one class of signs.
_FORMS = {
    "github-token": r"gh[opsur]_(?:[0-9]{1,12}_)?[A-Za-z0-9_.-]{20,1000}|github_pat_[A-Za-z0-9_]{20,255}",
    "jwt": r"eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,4000}(?:\.[A-Za-z0-9_-]{10,4000})?",
    "aws-key": r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}",
    "api-key": (
        r"sk-(?:proj-|svcacct-|admin-|ant-[a-z0-9]{1,12}-|or-v1-)?[A-Za-z0-9_-]{20,300}"
        r"|(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,250}|whsec_[A-Za-z0-9]{16,100}|AIza[A-Za-z0-9_-]{35}"
        r"|ya29\.[A-Za-z0-9_-]{20,500}|SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{16,64}|LTAI[A-Za-z0-9]{12,24}"
        r"|AKID[A-Za-z0-9]{28,40}|dapi[0-9a-f]{32}|nvapi-[A-Za-z0-9_-]{40,100}|gsk_[A-Za-z0-9]{40,80}"
    ),
    "access-token": (
        r"hf_[A-Za-z0-9]{30,50}|gl(?:pat|dt|rt|ptt|cbt|ft)-[A-Za-z0-9_-]{20,60}|npm_[A-Za-z0-9]{36}"
        r"|pypi-[A-Za-z0-9_-]{50,250}|xox[abeoprs]-[A-Za-z0-9-]{10,250}|xapp-[0-9]-[A-Za-z0-9-]{10,250}"
        r"|dckr_(?:pat|oat)_[A-Za-z0-9_-]{20,60}|do[opr]_v1_[0-9a-f]{64}|r8_[A-Za-z0-9]{30,50}"
        r"|[0-9]{8,10}:AA[A-Za-z0-9_-]{33}|hv[sb]\.[A-Za-z0-9_-]{24,300}"
    ),
}
_KINDS = tuple(_FORMS)

_KEY_BEGINS = re.compile(r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----")
_KEY_ENDS = re.compile(r"-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----")
#: Where a key is cut off, the lines of it that are there.
_KEY_BODY = re.compile(r"[A-Za-z0-9+/=\s\\]{0,20000}")
_LONGEST_KEY = 20_000
_FORM = re.compile("|".join(f"(?P<k{n}>(?<![A-Za-z0-9_])(?:{form}))" for n, form in enumerate(_FORMS.values())))

#: Names that are given to secrets, in code, in settings and in prose.
_NAMES = (
    r"pass(?:word|wd|phrase|code)|pwd|secret(?:_?(?:access_?)?key)?|token|credential"
    r"|(?:api|access|auth|private|client|account|signing|encryption|master|webhook|shared)[_.-]?(?:key|token|secret)"
    r"|密码|口令|密钥|令牌|私钥"
)
_NAMED = re.compile(
    rf"(?<![A-Za-z0-9_])(?:[A-Za-z0-9_-]{{1,40}}[_-])?(?:{_NAMES})[\"'`]?[ \t]{{0,4}}(?::=|=>|[:=：]|是|为)[ \t]{{0,4}}"
    rf"[\"'`]?(?P<secret>{_VALUE}{{8,512}})(?!\s?\()",
    re.IGNORECASE,
)
_HEADER = re.compile(
    rf"\bauthorization[\"']?[ \t]{{0,4}}[:=][ \t]{{0,4}}[\"']?(?:bearer|basic|token|digest)[ \t]{{1,4}}"
    rf"(?P<secret>{_VALUE}{{8,4000}})",
    re.IGNORECASE,
)
_IN_ADDRESS = re.compile(
    r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@\"'<>]{0,200}:(?P<secret>[^\s/@\"'<>]{3,300})@(?=[^\s@])", re.IGNORECASE
)
_IN_HOOK = re.compile(
    r"https://(?:hooks\.slack\.com/services|(?:\w{1,10}\.)?discord(?:app)?\.com/api/webhooks)/(?P<secret>[A-Za-z0-9/_-]{20,160})"
)

#: What people write where a secret would stand.
_STANDS_FOR = re.compile(
    r"your|example|placeholder|redacted|change-?_?me|dummy|sample|insert|replace|secrets\.|_here\b|-here\b|xxxx|\*\*\*|\.\.\.",
    re.IGNORECASE,
)
_WORDS_ONLY = re.compile(r"[A-Za-z_.-]+|[0-9.,:_-]+|v?[0-9]+(?:\.[0-9A-Za-z]+)+")
_PLACE = re.compile(r"[/~.]{1,2}/|/[a-z]|[a-z][a-z0-9+.-]*://", re.IGNORECASE)
#: Fewer different letters and digits than this are a filler.
_VARIETY = 5

#: Signs that look like others, or like nothing: only a text with such is looked at sign by sign.
_ODD = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\uff01-\uff5e\U0001d400-\U0001d7ff\U000e0001-\U000e007f]"
)

#: Whatever holds none of these holds no secret. RE2 reads it in one go, and most texts are read no further.
_HINT = re2.compile(
    r"-----BEGIN |gh[opsur]_[A-Za-z0-9_.-]{20}|github_pat_|eyJ[A-Za-z0-9_-]{10}|A[KSBC][IC]A[A-Z2-7]{16}"
    r"|sk-[A-Za-z0-9_-]{20}"
    r"|[srp]k_(?:live|test)_|whsec_|AIza|ya29\.|SG\.|LTAI|AKID|dapi[0-9a-f]{32}|nvapi-|gsk_|hf_[A-Za-z0-9]{30}"
    r"|gl(?:pat|dt|rt|ptt|cbt|ft)-|npm_[A-Za-z0-9]{30}|pypi-[A-Za-z0-9_-]{50}|xox[a-z]-|xapp-|dckr_|do[opr]_v1_|r8_[A-Za-z0-9]{30}"
    r"|[0-9]:AA[A-Za-z0-9_-]{33}|hv[sb]\.|://[^ \n/@]*:[^ \n/@]*@|/services/|/webhooks/"
    r"|(?i:(?:pass(?:word|wd|phrase|code)|pwd|secret(?:_?(?:access_?)?key)?|token|credential|key|authorization)"
    r"[\"'`]?[ \t]{0,4}(?:=>|[:=]))"
    r"|(?:密码|口令|密钥|令牌|私钥)".encode()
)


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret stands in a text, from its first sign to the one behind its last, and what kind it is of."""

    start: int
    end: int
    kind: str


def redact(text: str) -> str:
    """Return the text with each secret replaced by its kind; the same text always gives the same."""
    pieces, at = [], 0
    for secret in find(text):
        pieces += [text[at : secret.start], f"‹redacted: {secret.kind}›"]
        at = secret.end
    return "".join([*pieces, text[at:]])


def find(text: str) -> tuple[Secret, ...]:
    """Return the secrets in a text, in their order; those that touch are one."""
    seen, places = _visible(text)
    if not _HINT.search(seen.encode(errors="replace")):
        return ()
    found = (Secret(places[each.start], places[each.end - 1] + 1, each.kind) for each in _found(seen))
    joined: list[Secret] = []
    for each in sorted(found, key=lambda secret: (secret.start, -secret.end)):
        if joined and each.start < joined[-1].end:
            joined[-1] = Secret(joined[-1].start, max(joined[-1].end, each.end), joined[-1].kind)
        else:
            joined.append(each)
    return tuple(joined)


def _found(text: str) -> Iterator[Secret]:
    yield from _keys(text)
    for match in _FORM.finditer(text):
        if _is_varied(match[0]):
            yield Secret(match.start(), match.end(), _KINDS[int((match.lastgroup or "k0")[1:])])
    for pattern, kind in ((_HEADER, "credentials"), (_IN_ADDRESS, "password"), (_IN_HOOK, "webhook-address")):
        yield from (
            Secret(*match.span("secret"), kind) for match in pattern.finditer(text) if _is_varied(match["secret"])
        )
    for match in _NAMED.finditer(text):
        if _is_secretive(match["secret"]):
            yield Secret(*match.span("secret"), "secret")


def _keys(text: str) -> Iterator[Secret]:
    """Yield the private keys, each to its end, or as far as it goes on where it is cut off."""
    at = 0
    while begin := _KEY_BEGINS.search(text, at):
        end = _KEY_ENDS.search(text, begin.end(), begin.end() + _LONGEST_KEY)
        body = _KEY_BODY.match(text, begin.end())
        at = end.end() if end else body.end() if body else begin.end()
        yield Secret(begin.start(), at, "private-key")


def _is_varied(value: str) -> bool:
    """Say whether a value is none that merely shows where a secret would stand."""
    signs = {each for each in value.casefold() if each.isalnum()}
    return len(signs) >= _VARIETY and not _STANDS_FOR.search(value) and value[0] not in "$%<{"


def _is_secretive(value: str) -> bool:
    """Say whether what is called a secret looks like one, and not like a name, a number, a path or a version."""
    return _is_varied(value) and not _WORDS_ONLY.fullmatch(value) and not _PLACE.match(value)


def _visible(text: str) -> tuple[str, Sequence[int]]:
    """Return the text as it looks, full-width signs as plain ones, none that cannot be seen; and where each stood."""
    if text.isascii() or not _ODD.search(text):
        return text, range(len(text))
    signs, places = [], []
    for at, sign in enumerate(text):
        for plain in unicodedata.normalize("NFKC", sign):
            if unicodedata.category(plain) != "Cf":
                signs.append(plain)
                places.append(at)
    return "".join(signs), places
