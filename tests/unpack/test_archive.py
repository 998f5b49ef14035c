"""One file out of a zip: honest ones come out as they went in, and nothing forged comes out at all."""

import random
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.unpack.archive import BadArchive, Flaw, listed, opened
from tests.unpack.corpus import Upload, uploads
from tests.unpack.zips import CENTRAL, END, LOCAL, forged, zipped

NAME = "coverage.json"
FILE = b'{"files": {}}' * 50
HONEST = zipped({NAME: FILE, "notes/读我.md": b"x", "empty/": b""})


def flaw_of(made: bytes) -> Flaw:
    """Return why an archive is refused."""
    with pytest.raises(BadArchive) as refused:
        list(opened(made, {NAME}))
    return refused.value.flaw


def outcome(made: bytes) -> bytes | Flaw:
    """Return what an archive comes to: its file, or why it is refused."""
    try:
        return b"".join(opened(made, {NAME}))
    except BadArchive as refused:
        return refused.flaw


@given(st.binary(max_size=300), st.sampled_from((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)))
def test_what_an_honest_zip_holds_comes_out_as_it_went_in(content: bytes, method: int) -> None:
    assert b"".join(opened(zipped({NAME: content, "other.txt": b"x"}, method=method), {NAME, "b"})) == content


@pytest.mark.parametrize("kind", ["random", "zeros and noise"])
def test_a_file_of_many_pieces_comes_out_whole_and_in_small_pieces(kind: str) -> None:
    dice = random.Random(1)  # noqa: S311  no secret
    noise = dice.randbytes(300_000)
    content = (
        noise if kind == "random" else b"".join(bytes(2_000) + noise[at : at + 50] for at in range(0, 200_000, 50))
    )
    pieces = list(opened(zipped({NAME: content}), {NAME}))

    assert b"".join(pieces) == content
    assert max(map(len, pieces)) <= 64 * 1024


@given(st.binary(max_size=400))
def test_any_bytes_are_a_zip_or_refused_with_a_reason(made: bytes) -> None:
    assert outcome(made) is not None


@given(st.integers(0, len(HONEST) - 1), st.integers(1, 255))
def test_a_zip_with_any_one_byte_changed_gives_the_same_file_or_none(at: int, change: int) -> None:
    made = HONEST[:at] + bytes([HONEST[at] ^ change]) + HONEST[at + 1 :]
    assert outcome(made) in {FILE, *Flaw}


@pytest.mark.parametrize(
    ("made", "flaw"),
    [
        pytest.param(b"", Flaw.BROKEN, id="empty"),
        pytest.param(b'{"not": "a zip"}', Flaw.BROKEN, id="no zip"),
        pytest.param(HONEST[:-1], Flaw.BROKEN, id="cut short"),
        pytest.param(b"#!/bin/sh\n" + HONEST, Flaw.BROKEN, id="something before it"),
        pytest.param(HONEST + b"x", Flaw.BROKEN, id="something behind it"),
        pytest.param(zipped({"other.json": FILE}), Flaw.MISSING, id="no such file"),
        pytest.param(zipped({f"{n}": b"" for n in range(201)}), Flaw.TOO_MANY, id="too many entries"),
        pytest.param(zipped({NAME: FILE, NAME.upper(): b""}), Flaw.TWICE, id="the same name to Windows"),
        pytest.param(zipped({NAME: bytes(200_000)}), Flaw.BOMB, id="packed too well"),
        pytest.param(zipped({NAME: bytes(51 << 20)}), Flaw.BOMB, id="too large when opened"),
        pytest.param(zipped({NAME: random.Random(1).randbytes(6 << 20)}), Flaw.TOO_LARGE, id="too large"),  # noqa: S311
        pytest.param(zipped({NAME: FILE}, method=zipfile.ZIP_LZMA), Flaw.NO_FILE, id="another packing"),
    ],
)
def test_what_no_honest_run_hands_over_is_refused(made: bytes, flaw: Flaw) -> None:
    assert flaw_of(made) is flaw


@pytest.mark.parametrize("name", ["/etc/passwd", "../up", "a/../b", "a//b", "./a", "C:\\x", "a\\b", "a\nb", "x" * 1025])
def test_one_name_that_leads_elsewhere_makes_the_whole_archive_bad(name: str) -> None:
    made = zipped({NAME: FILE, "N" * len(name.encode()): b""}).replace(b"N" * len(name.encode()), name.encode())

    assert flaw_of(made) is Flaw.BAD_NAME


@pytest.mark.parametrize(
    ("record", "offset", "layout", "value", "flaw"),
    [
        pytest.param(END, 4, "<H", 1, Flaw.BROKEN, id="of several disks"),
        pytest.param(END, 8, "<H", 9, Flaw.BROKEN, id="two counts that differ"),
        pytest.param(END, 12, "<L", 7, Flaw.BROKEN, id="a list of another length"),
        pytest.param(END, 16, "<L", 7, Flaw.BROKEN, id="a list elsewhere"),
        pytest.param(CENTRAL, 0, "<L", 7, Flaw.BROKEN, id="something else in the list"),
        pytest.param(CENTRAL, 8, "<H", 1, Flaw.NO_FILE, id="encrypted"),
        pytest.param(CENTRAL, 16, "<L", 7, Flaw.BROKEN, id="another checksum"),
        pytest.param(CENTRAL, 20, "<L", 10, Flaw.BROKEN, id="packed smaller"),
        pytest.param(CENTRAL, 20, "<L", 5_000, Flaw.BROKEN, id="packed larger than the archive"),
        pytest.param(CENTRAL, 24, "<L", 9, Flaw.BOMB, id="larger than it says"),
        pytest.param(CENTRAL, 24, "<L", 651, Flaw.BROKEN, id="smaller than it says"),
        pytest.param(CENTRAL, 28, "<H", 500, Flaw.BROKEN, id="a name beyond the list"),
        pytest.param(CENTRAL, 38, "<L", 0o120777 << 16, Flaw.NO_FILE, id="a link"),
        pytest.param(CENTRAL, 38, "<L", 0o010777 << 16, Flaw.NO_FILE, id="a pipe"),
        pytest.param(CENTRAL, 42, "<L", 7, Flaw.BROKEN, id="not where it says"),
        pytest.param(CENTRAL, 42, "<L", 700_000, Flaw.BROKEN, id="beyond the end"),
        pytest.param(LOCAL, 8, "<H", 0, Flaw.BROKEN, id="a header that differs from the list"),
        pytest.param(LOCAL, 28, "<H", 60_000, Flaw.BROKEN, id="data beyond the end"),
        pytest.param(LOCAL, 43, "<H", 7, Flaw.BROKEN, id="data that cannot be inflated"),
    ],
)
def test_a_zip_that_lies_about_itself_is_refused(
    record: bytes, offset: int, layout: str, value: int, flaw: Flaw
) -> None:
    made = forged(zipped({NAME: FILE}), record=record, offset=offset, layout=layout, value=value)

    assert flaw_of(made) is flaw


def test_a_list_with_an_entry_too_few_is_refused() -> None:
    both = forged(HONEST, record=END, offset=8, layout="<L", value=2 << 16 | 2)

    assert flaw_of(both) is Flaw.BROKEN


def test_a_file_that_goes_on_after_its_end_is_refused() -> None:
    made = zipped({NAME: FILE})
    size = int.from_bytes(made[18:22], "little")
    longer = made[: 43 + size] + b"more" + made[43 + size :]
    longer = forged(longer, record=CENTRAL, offset=20, layout="<L", value=size + 4)
    longer = forged(longer, record=END, offset=16, layout="<L", value=43 + size + 4)

    assert flaw_of(longer) is Flaw.BROKEN


def test_a_name_that_is_not_utf_8_is_refused() -> None:
    made = zipped({NAME: FILE, "é": b""}).replace("é".encode(), b"\xff\xfe")

    assert flaw_of(made) is Flaw.BAD_NAME


def test_folders_are_passed_over() -> None:
    assert [each.name for each in listed(HONEST)] == [NAME, "notes/读我.md"]


@pytest.mark.parametrize("upload", uploads(".zip"))
def test_the_hostile_archives_are_refused_and_the_good_one_is_opened(upload: Upload) -> None:
    if upload.verdict == "accept":
        assert b"".join(opened(upload.content, {NAME})).startswith(b"{")
    else:
        assert flaw_of(upload.content) in Flaw
